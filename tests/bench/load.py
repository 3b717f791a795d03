"""A load that costs little itself: prepared bytes over kept-alive sockets, a few at a time."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

AT_ONCE = 8
CHUNK = 65536


@dataclass
class Load:
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)  # seconds, one per answer
    wrong: list[bytes] = field(default_factory=list)  # status lines that were not 2xx

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


def request(method: str, path: str, *, body: bytes = b"", **headers: str) -> bytes:
    """Header names with _ for -."""
    told = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in told.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def send(port: int, requests: Sequence[bytes], at_once: int = AT_ONCE) -> Load:
    """Send all, `at_once` at a time; fails when any answer isn't 2xx."""
    load, turns = Load(), itertools.count()
    threads = [threading.Thread(target=_work, args=(port, requests, turns, load)) for _ in range(at_once)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    if load.wrong or len(load.latencies) != len(requests):
        raise SystemExit(f"The server answered {load.wrong[:1]} {len(load.wrong)} times of {len(requests)}.")
    return load


def _work(port: int, requests: Sequence[bytes], turns: itertools.count[int], load: Load) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (turn := next(turns)) < len(requests):
            began = time.perf_counter()
            sock.sendall(requests[turn])
            status, _body = answer(sock)
            load.latencies.append(time.perf_counter() - began)
            if not status.split(b" ")[1].startswith(b"2"):
                load.wrong.append(status)


def answer(sock: socket.socket) -> tuple[bytes, bytes]:
    """Status line and body of one answer with a Content-Length."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(sock)
    head, _, body = got.partition(b"\r\n\r\n")
    length = _length(head)
    while len(body) < length:
        body += _more(sock)
    return head.split(b"\r\n")[0], body


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    raise SystemExit(f"An answer without Content-Length: {head[:200]!r}")


def _more(sock: socket.socket) -> bytes:
    if not (chunk := sock.recv(CHUNK)):
        raise SystemExit("The server closed the connection in the middle of an answer.")
    return chunk
