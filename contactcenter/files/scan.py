"""Asking a virus scanner (clamd's INSTREAM command, one TCP or Unix socket). None configured: nothing is called clean."""

import socket
import struct
from pathlib import Path

import structlog
from django.conf import settings

from crm.models import Attachment

log = structlog.get_logger(__name__)
CHUNK = 64 * 1024
TIMEOUT = 20  # seconds


def _connect(where: str) -> socket.socket:
    if where.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(TIMEOUT)
        connection.connect(where)
        return connection
    host, _, port = where.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=TIMEOUT)


def _ask(where: str, file: Path) -> bytes:
    with _connect(where) as connection, file.open("rb") as content:
        connection.sendall(b"zINSTREAM\x00")
        while chunk := content.read(CHUNK):
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        return connection.recv(4096)


def verdict(file: Path) -> str:
    """One of `Attachment.Scan`. A scanner that can't be reached leaves the file "not scanned"."""
    where = settings.CLAMD_SOCKET
    if not where:
        return Attachment.Scan.NOT_SCANNED
    try:
        answer = _ask(where, file)
    except (OSError, ValueError) as error:
        log.warning("scan.unreachable", error=type(error).__name__)
        return Attachment.Scan.NOT_SCANNED
    if b"FOUND" in answer:
        return Attachment.Scan.INFECTED
    return Attachment.Scan.CLEAN if answer.rstrip(b"\x00\r\n").endswith(b"OK") else Attachment.Scan.NOT_SCANNED
