"""The desk as its agent feels it: the first page with five conversations open, and the key that accepts an offer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright
from websockets.sync.client import connect
from websockets.typing import Origin

from tests import chromium
from tests.bench import queue_page
from tests.bench.place import Place
from tests.bench.table import Row

FEW, MANY, MINE, ROUNDS, EACH, KEYS = 200, 20_000, 5, 6, 12, 20
PATIENCE = 20_000  # ms

# From the key that goes down until the words of that conversation are drawn, in ms of the page's own clock.
ACCEPTED = """
() => { window.accepted = new Promise((done, fail) => document.addEventListener("keydown", () => {
  const began = performance.now(), before = document.getElementById("talk")?.dataset.id;
  const look = () => {
    const id = document.getElementById("talk")?.dataset.id;
    if (id && id !== before && document.querySelector("#flow .msg")) requestAnimationFrame(() => done(performance.now() - began));
    else requestAnimationFrame(look);
  };
  look();
  setTimeout(() => fail(new Error("The key opened no conversation within ten seconds.")), 10_000);
}, { once: true, capture: true })); }"""
# A fragment with nothing to speak of, swapped into a corner of the same page.
SWAPPED = """async () => {
  const corner = document.body.appendChild(document.createElement("div")), began = performance.now();
  corner.hidden = true;
  await htmx.ajax("GET", "/desk/shortcuts/", { target: corner, swap: "innerHTML" });
  await new Promise(requestAnimationFrame);
  const took = performance.now() - began;
  corner.remove();
  return took;
}"""


def run(place: Place) -> Iterator[Row]:
    session = place.ask("people", "agent")
    place.start()
    yield _first_page(place, session)
    browser = chromium.find()
    if not browser:
        yield Row("key → offer accepted → conversation visible", "needs Chromium")
        return
    yield from _accepting(place, session, browser)


def _first_page(place: Place, session: str) -> Row:
    """One conversation of five in front, the line beside it."""
    place.ask("waiting_line", str(FEW + MINE))
    front = place.ask("desk_work", "take", str(MINE))
    few = _timed(place, front, session)
    place.ask("waiting_line", str(MANY - FEW))
    many = _timed(place, front, session)
    name = f"desk, {MINE} open, {FEW} → {MANY} waiting"
    return Row(name, f"{1000 * many:.1f} ms", f"{1000 * few:.1f} ms", many / few, "≤ 1.2")


def _timed(place: Place, front: str, session: str) -> float:
    """Median seconds."""
    reader = queue_page.Reader(place.house.port, f"/desk/c/{front}/", f"sessionid={session}")
    assert reader.read().count(b'class="tab') >= MINE, "five conversations must be open"
    return median(reader.timed() for _time in range(ROUNDS * EACH))


def _accepting(place: Place, session: str, browser_path: str) -> Iterator[Row]:
    place.ask("desk_work", "offering")
    tokens = place.ask("people", "visitors", str(KEYS))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        url = f"http://127.0.0.1:{place.house.port}"
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{url}/desk/")
        accepted, swapped = [], []
        for token in tokens:
            accepted.append(_accept(page, place.house.port, token))
            swapped.append(float(page.evaluate(SWAPPED)))
        browser.close()
    ours, empty = median(accepted), median(swapped)
    yield Row("key → offer accepted → conversation visible", f"{ours:.1f} ms", f"{empty:.1f} ms", ours / empty, "≤ 4")


def _accept(page: Page, port: int, token: str) -> float:
    """A citizen writes, the offer comes, the key goes down. Milliseconds from the key to the drawn conversation."""
    with connect(f"ws://127.0.0.1:{port}/ws/chat/comune/", origin=Origin(f"http://127.0.0.1:{port}")) as citizen:
        citizen.send(json.dumps({"t": "hello", "token": token, "last_seq": 0, "v": 1}))
        _heard(citizen, "welcome")
        citizen.send(json.dumps({"t": "msg", "cid": "first", "text": "Quando apre l'anagrafe?"}))
        page.locator(".offer").first.wait_for()
        page.evaluate("document.activeElement?.blur()")
        page.evaluate(ACCEPTED)
        page.keyboard.press("a")
        took = float(page.evaluate("window.accepted"))
        page.locator(".offer").first.wait_for(state="detached")
    return took


def _heard(socket: Any, kind: str) -> None:
    while json.loads(socket.recv(timeout=PATIENCE / 1000)).get("t") != kind:
        pass
