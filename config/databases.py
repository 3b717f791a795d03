"""DATABASE_URL → Django's setting. Nothing set: SQLite in the data folder, tuned so that no write is lost."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;"
FROZEN_AFTER = 60_000  # milliseconds


def sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "config.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,  # opening one costs as much as a query, and the threads are kept
        # Deferred transactions lose read-modify-writes to "database is locked"; immediate ones wait their turn.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
    }


def postgresql(url: str, password: str, pool_size: int, *, prepared: bool) -> dict[str, object]:
    parts = urlsplit(url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    # A process that is frozen in the middle of a transaction must not keep what it holds for ever.
    options.setdefault("options", f"-c idle_in_transaction_session_timeout={FROZEN_AFTER}")
    if prepared:
        options["prepare_threshold"] = 1  # only for `config.postgresql`'s own cursors: Django's are never prepared
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 20}
    return {
        "ENGINE": "config.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or password,
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def from_url(url: str, *, password: str, data_dir: Path, pool_size: int, prepared: bool = True) -> dict[str, object]:
    """`password` is for a URL that carries none. Raises `SystemExit` for one that is neither SQLite nor PostgreSQL."""
    if not url:
        return sqlite(data_dir / "sportello.sqlite3")
    scheme = urlsplit(url).scheme
    if scheme in {"postgres", "postgresql"}:
        return postgresql(url, password, pool_size, prepared=prepared)
    if scheme == "sqlite":
        return sqlite(Path(urlsplit(url).path))
    raise SystemExit(f"DATABASE_URL starts with “{scheme}:”. Sportello runs on postgresql:// or sqlite:///path.")
