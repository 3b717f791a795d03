"""The chat inside the town's own web site."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House
from tests.browser.web_chat.conftest import QUESTION

pytestmark = pytest.mark.browser
ACCOUNT = "from contactcenter.accounts import accounts; comune = accounts.find('comune')"
TOWN = """<!doctype html><html lang="it"><head><title>Comune di Roccaverde</title></head>
<body><h1>Comune di Roccaverde</h1><a href="/tari">TARI</a>
<script async src="{house}/widget.js" data-account="comune" data-lang="it"></script></body></html>"""


@pytest.fixture(scope="module")
def town_site(house: House) -> Iterator[str]:
    """Another origin, with the strictest policy that the README asks for."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = TOWN.format(house=house.url).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            policy = f"default-src 'none'; script-src {house.url}; frame-src {house.url}"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = house.run(f"{ACCOUNT}; print(*comune.settings.get('allowed_origins', []))").split()
    yield f"http://127.0.0.1:{server.server_port}"
    allow(house, *before)
    server.shutdown()


def allow(house: House, *origins: str) -> None:
    change = f"accounts.change(account=comune, actor=None, settings={{'allowed_origins': {list(origins)!r}}})"
    house.run(f"{ACCOUNT}; {change}")


def test_town_embeds_the_chat_by_one_script_tag(page: Page, house: House, town_site: str) -> None:
    allow(house, town_site)
    page.goto(town_site)
    page.get_by_role("button", name="Scrivici").click()
    chat = page.frame_locator("iframe[title='Chat con l’ufficio']")
    chat.locator("#start [name=text]").fill(QUESTION)
    chat.locator("#start button.primary").click()
    expect(chat.locator("#log .mine .status")).to_contain_text("inviato")
    page.goto(f"{town_site}/tari")  # the conversation goes along from page to page
    expect(page.frame_locator("iframe").locator("#log .mine p")).to_have_text(QUESTION)


def test_escape_closes_the_frame_and_gives_the_focus_back(page: Page, house: House, town_site: str) -> None:
    allow(house, town_site)
    page.goto(town_site)
    button = page.get_by_role("button", name="Scrivici")
    button.click()
    chat = page.frame_locator("iframe")
    expect(chat.locator("#start [name=name]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_site_that_is_not_allowed_shows_no_chat(page: Page, house: House, town_site: str) -> None:
    allow(house, "https://www.roccaverde.example")
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))
    page.goto(town_site)
    page.get_by_role("button", name="Scrivici").click()
    expect(page.frame_locator("iframe").locator("#start")).to_have_count(0)
    page.wait_for_function("() => true")
    assert any("frame-ancestors" in refusal for refusal in refusals)
