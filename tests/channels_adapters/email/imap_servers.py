"""Real IMAP servers for the tests: pymap in this process, and Dovecot where its program is installed."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import grp
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from imap_tools import MailBoxUnencrypted
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPService
from pysasl.hashing import Cleartext

USER, PASSWORD = "urp@comune.example", "segreto-di-prova"
NOBODY = 65534
START_WITHIN = 20.0  # seconds


@dataclass(frozen=True)
class Server:
    """Where a server listens, and a hand in its folders."""

    name: str
    port: int

    @contextlib.contextmanager
    def hand(self, folder: str = "") -> Iterator[MailBoxUnencrypted]:
        with MailBoxUnencrypted("127.0.0.1", self.port, timeout=10).login(USER, PASSWORD, None) as box:
            if folder:
                box.folder.set(folder)
            yield box

    def put(self, folder: str, *mails: bytes) -> None:
        with self.hand() as box:
            for mail in mails:
                box.append(mail, folder)

    def make(self, folder: str) -> None:
        with self.hand() as box:
            box.folder.create(folder)

    def renumber(self, folder: str) -> None:
        """The folder is deleted and made anew: its UIDVALIDITY changes."""
        with self.hand("INBOX") as box:
            box.folder.delete(folder)
            box.folder.create(folder)

    def subjects(self, folder: str) -> list[str]:
        with self.hand(folder) as box:
            return [mail.subject for mail in box.fetch(mark_seen=False)]

    def seen(self, folder: str) -> int:
        with self.hand(folder) as box:
            return len(box.uids("SEEN"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


# --- pymap ---


@contextlib.contextmanager
def pymap(certificate: tuple[Path, Path] | None = None) -> Iterator[Server]:
    """In a thread of this process. With a certificate it offers STARTTLS."""
    port, ready, loop = free_port(), threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=_serve, args=(loop, port, ready, stop, certificate), daemon=True)
    thread.start()
    assert ready.wait(START_WITHIN), "pymap did not start"
    try:
        yield Server("pymap", port)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_WITHIN)


def _serve(
    loop: asyncio.AbstractEventLoop,
    port: int,
    ready: threading.Event,
    stop: asyncio.Event,
    certificate: tuple[Path, Path] | None,
) -> None:
    cert, key = map(str, certificate) if certificate else (None, None)
    told = Namespace(
        host=["127.0.0.1"], port=str(port), cert=cert, key=key, tls=bool(certificate), proxy_protocol=None, debug=False,
        inherited_sockets=None, demo_data=False, demo_user=USER, demo_password=PASSWORD, passlib_cfg=None,
    )  # fmt: skip

    async def serve() -> None:
        backend, config = await DictBackend.init(told, hash_context=Cleartext())  # a slow hash protects nothing here
        config.apply_context()
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            await IMAPService(backend, config).start(stack)
            ready.set()
            await stop.wait()

    loop.run_until_complete(serve())
    with contextlib.suppress(RuntimeError):
        loop.close()


# --- Dovecot ---


def dovecot_program() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def dovecot() -> Iterator[Server]:
    """A server of its own in a temporary folder; needs no root, and as root it drops to nobody."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)  # mail is read by another user where we are root
    configuration = folder / "dovecot.conf"
    configuration.write_text(_configuration(folder, port), encoding="utf-8")
    program = dovecot_program()
    assert program
    process = subprocess.Popen([program, "-F", "-c", str(configuration)])
    try:
        _await_greeting(port, process, folder / "log")
        yield Server("dovecot", port)
    finally:
        process.terminate()
        process.wait(START_WITHIN)
        shutil.rmtree(folder, ignore_errors=True)


def _configuration(folder: Path, port: int) -> str:
    mail, root = folder / "mail", os.getuid() == 0
    mail.mkdir()
    uid, gid = (NOBODY, NOBODY) if root else (os.getuid(), os.getgid())
    if root:
        os.chown(mail, uid, gid)
        users = ""  # the package made users for its own processes
    else:
        me, group = getpass.getuser(), grp.getgrgid(gid).gr_name
        users = f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {group}\n"
    template = (Path(__file__).parent / "dovecot.conf").read_text(encoding="utf-8")
    values = {
        "FOLDER": folder,
        "MAIL": mail,
        "PORT": port,
        "PASSWORD": PASSWORD,
        "UID": uid,
        "GID": gid,
        "USERS": users,
    }
    for name, value in values.items():
        template = template.replace(f"@{name}@", str(value))
    return template


def _await_greeting(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    pause, greeting = threading.Event(), b""
    for _attempt in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            greeting = connection.recv(200)
        if greeting.startswith(b"* OK"):
            return
        assert process.poll() is None, log.read_text(encoding="utf-8") if log.exists() else "dovecot ended"
        pause.wait(0.1)
    raise AssertionError(log.read_text(encoding="utf-8") if log.exists() else "dovecot said nothing")
