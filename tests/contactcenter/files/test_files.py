"""Files are strangers."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from contactcenter.files import names, scan, serve, sniff, store
from crm.models import Attachment

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


@pytest.mark.parametrize(
    "given, shown",
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\x\\ricevuta.pdf", "ricevuta.pdf"), ("a\x00b.txt", "ab.txt"),
        ("fattura\u202efdp.exe", "fatturafdp.exe"), ("  ..hidden.. ", "hidden"), ("", "file"), ("\n\t", "file"),
        ("довідка.pdf", "довідка.pdf"), ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)  # fmt: skip
def test_a_name_can_not_travel_or_deceive(given: str, shown: str) -> None:
    assert names.clean(given) == shown


@pytest.mark.parametrize(
    "head, kind",
    [
        (PNG, "image/png"), (b"%PDF-1.7\n", "application/pdf"), (b"Gentile ufficio,\n", "text/plain"),
        (b"<!DOCTYPE html><script>", "application/octet-stream"), (b"  <svg onload=x>", "application/octet-stream"),
        (b"\x00\x01\x02", "application/octet-stream"), (b"", "application/octet-stream"),
    ],
)  # fmt: skip
def test_the_first_bytes_say_what_it_is(head: bytes, kind: str) -> None:
    assert sniff.content_type(head) == kind


def keep(content: bytes, name: str = "foto.png", limit: int = 1000) -> Attachment:
    return store.keep(name=name, content=store.chunks(content), limit=limit, at=timezone.now())


def test_a_file_too_large_leaves_nothing_behind(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.ATTACHMENTS_DIR = tmp_path  # type: ignore[attr-defined]  # pytest-django's settings
    with pytest.raises(store.TooLarge, match="MB"):
        keep(b"x" * 1001)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_reading_stops_at_the_limit() -> None:
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield b"x" * 400

    with pytest.raises(store.TooLarge):
        store.keep(name="a", content=endless(), limit=1000, at=timezone.now())
    assert len(read) == 3


def test_an_image_is_shown_and_anything_else_downloaded() -> None:
    image, page = keep(PNG), keep(b"<html><script>alert(1)</script>", "pagina.png")
    shown, saved = serve.response(image, inline=True), serve.response(page, inline=True)
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"].startswith("inline")
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"].startswith("attachment")
    for answer in (shown, saved):
        assert (answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == ("nosniff", True)
        answer.file_to_stream.close()


class Clamd(socketserver.BaseRequestHandler):
    """Answers INSTREAM like clamd does; the word `virus` is what it looks for."""

    def handle(self) -> None:
        data = b""
        while not data.endswith(b"\x00\x00\x00\x00"):
            data += self.request.recv(65536)
        self.request.sendall(b"stream: Test FOUND\x00" if b"virus" in data else b"stream: OK\x00")


@pytest.fixture
def scanner(settings: pytest.FixtureRequest) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.CLAMD_SOCKET = f"127.0.0.1:{server.server_address[1]}"  # type: ignore[attr-defined]  # pytest-django's settings
        yield
        server.shutdown()


def test_a_scanner_says_clean_or_locks_the_file(scanner: None) -> None:
    clean, infected = keep(b"tutto bene"), keep(b"un virus")
    assert (clean.scan, infected.scan) == ("clean", "infected")
    assert serve.response(infected).status_code == 403


def test_without_a_scanner_nothing_is_called_clean(settings: pytest.FixtureRequest) -> None:
    assert keep(b"x").scan == "not-scanned"
    settings.CLAMD_SOCKET = "127.0.0.1:1"  # type: ignore[attr-defined]  # pytest-django's settings
    assert keep(b"x").scan == Attachment.Scan.NOT_SCANNED
    assert scan.TIMEOUT <= 30
