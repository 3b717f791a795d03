"""The chat page for everybody: keyboard, screen reader, small screens, browsers that store nothing."""

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import House
from tests.browser.web_chat.conftest import AXE, QUESTION, begin

pytestmark = pytest.mark.browser


def test_whole_way_by_keyboard_alone(page: Page, house: House, complaints: list[str]) -> None:
    page.goto(f"{house.url}/chat/comune/?lang=it")
    page.locator("#language").focus()
    for _field in range(3):
        page.keyboard.press("Tab")
    expect(page.locator("#start [name=text]")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#log .mine p")).to_have_text(QUESTION)
    page.keyboard.type("Seconda riga")
    page.keyboard.press("Enter")
    expect(page.locator("#log .mine p").last).to_have_text("Seconda riga")


def test_conversation_is_announced_to_a_screen_reader(page: Page, house: House, complaints: list[str]) -> None:
    begin(page, house)
    log = page.get_by_role("log", name="Conversazione")
    assert log.get_attribute("aria-live") == "polite"
    for control in page.locator("button:visible, input:visible, select:visible, textarea:visible").all():
        name = control.evaluate(
            "c => c.getAttribute('aria-label') || c.labels?.[0]?.textContent.trim() || c.textContent.trim()"
        )
        assert name, control.evaluate("c => c.outerHTML")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_pass_the_accessibility_rules(page: Page, house: House, scheme: str) -> None:
    """WCAG 2.2 AA as far as a program can tell, on the form, in conversation, and at the end."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
    page.goto(f"{house.url}/chat/comune/?lang=it")
    assert offences(page) == []
    begin(page, house)
    assert offences(page) == []
    page.locator("#rather-mail").click()
    assert offences(page) == []
    page.locator("#back-to-chat").click()
    page.locator("#leave").click()
    page.locator("#leave").click()
    expect(page.locator("#after")).to_be_visible()
    assert offences(page) == []


def offences(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })")
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


def test_chat_works_where_the_browser_may_store_nothing(page: Page, house: House, complaints: list[str]) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    begin(page, house)
    page.locator("#words").fill("Anche così")
    page.keyboard.press("Enter")
    expect(page.locator("#log .mine p")).to_have_text([QUESTION, "Anche così"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_at_320_pixels(page: Page, house: House, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
    page.set_viewport_size({"width": 320, "height": 640})
    begin(page, house, "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle" * 3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("document.querySelector('#main').scrollWidth <= document.querySelector('#main').clientWidth")
    small = [
        box for control in page.locator("button:visible, select:visible, textarea:visible").all()
        if (box := control.bounding_box()) and box["height"] < 44
    ]  # fmt: skip
    assert small == []


def test_whole_widget_weighs_less_than_sixty_kilobytes(page: Page, house: House) -> None:
    weights: list[int] = []
    page.on("requestfinished", lambda request: weights.append(weight(request)))
    page.goto(f"{house.url}/chat/comune/?lang=it", wait_until="networkidle")
    loader = page.request.get(f"{house.url}/widget.js")
    assert sum(weights) + len(loader.body()) < 60_000


def weight(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"]
