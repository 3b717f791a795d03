"""An SMTP server on this machine that keeps what the office sends. Nothing is passed on to anybody."""

import asyncio
import socket
import threading
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError, close_old_connections

from contactcenter.demo_street import post

LARGEST = 10 * 1024 * 1024  # bytes of one mail
log = structlog.get_logger(__name__)


class Keeper:
    """aiosmtpd's handler: it takes mail for everybody."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        return await asyncio.to_thread(_keep, list(envelope.rcpt_tos), raw)


def _keep(receivers: list[str], raw: bytes) -> str:
    """The server's answer: 250 only once the mail is in the database."""
    close_old_connections()
    try:
        post.arrive(receivers=receivers, raw=raw)
    except DatabaseError as error:
        log.warning("demo_mail.not_kept", error=type(error).__name__)
        return "451 The mailbox can't be written just now, try again"
    finally:
        close_old_connections()
    return "250 Kept on this machine"


def _claim(host: str, port: int) -> socket.socket:
    """The port of last time where it is free, else any."""
    for wanted in (port, 0):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, wanted))
        except OSError:
            sock.close()
            if not wanted:
                raise
        else:
            return sock
    raise OSError("no port is free")


class Catcher:
    """`start` returns once mail can be sent to `port`; `stop` closes the door."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = _claim(host, port)
        self.host, self.port = self._socket.getsockname()
        self._loop = asyncio.new_event_loop()
        self._open = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo mail", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._open.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(self._session, sock=self._socket))
        self._open.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def _session(self) -> Any:
        return SMTP(
            Keeper(), hostname="posta.example", ident="demo street", data_size_limit=LARGEST, enable_SMTPUTF8=True,
            loop=self._loop,
        )  # fmt: skip

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
