"""The office's own program, posting signed deliveries four at a time and repeating each until it is acknowledged."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from tests.crash.furnish import SECRET
from tests.crash.waiting import pause

AT_ONCE = 4
TRY_AGAIN = 0.1  # seconds


def signed(url: str, number: int) -> urllib.request.Request:
    """Signed once: a repetition is the same bytes, as a provider sends them."""
    message = {"id": f"m-{number}", "from": {"id": f"u-{number % 7}"}, "text": f"Domanda {number}"}
    body = json.dumps({"messages": [message]}).encode()
    timestamp = str(int(time.time()))
    seal = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"Sportello-Timestamp": timestamp, "Sportello-Signature": f"v1={seal}"}
    return urllib.request.Request(url, data=body, headers={**headers, "Content-Type": "application/json"})


class Poster:
    """Posts `count` deliveries to `url`. `acknowledged` holds the ids of those that got a 2xx."""

    def __init__(self, url: str, count: int) -> None:
        self.url, self.count = url, count
        self.acknowledged: list[str] = []
        self.odd: list[int] = []  # answers that were neither 2xx nor a server going down
        self._work: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(count):
            self._work.put(number)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._post_all, daemon=True) for _ in range(AT_ONCE)]

    def __enter__(self) -> Poster:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *trouble: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    @property
    def is_done(self) -> bool:
        return len(self.acknowledged) == self.count

    def has(self, count: int) -> Callable[[], bool]:
        return lambda: len(self.acknowledged) >= count

    def _post_all(self) -> None:
        while not self._stop.is_set():
            try:
                number = self._work.get_nowait()
            except queue.Empty:
                return
            request = signed(self.url, number)
            while not self._stop.is_set() and not self._is_acknowledged(request):
                pause(TRY_AGAIN)
            self.acknowledged.append(f"m-{number}")

    def _is_acknowledged(self, request: urllib.request.Request) -> bool:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                answer.read()
                return 200 <= answer.status < 300
        except urllib.error.HTTPError as error:
            self.odd.append(error.code)
            return False
        except (OSError, http.client.HTTPException):
            return False  # nobody home: it died, perhaps in the middle of its answer, or it isn't up yet
