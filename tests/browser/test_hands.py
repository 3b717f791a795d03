"""An agent who never touches a mouse, one who sees nothing, one who enlarges everything; and what a first page weighs."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import House
from tests.browser.test_desk import AXE, SitDown, open_, sit_down, take, write
from tests.browser.test_offers import picking

__all__ = ["picking", "sit_down"]  # fixtures
pytestmark = pytest.mark.browser
RULES = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"

# What has the focus: its name, whether it can be seen to have it, whether it stands in the window.
FOCUS = """() => {
  const at = document.activeElement, frame = at.closest(".pbox, .box, .seg") ?? at;
  const style = getComputedStyle(at), around = getComputedStyle(frame);
  const drawn = (one) => (one.outlineStyle !== "none" && one.outlineWidth !== "0px") || one.boxShadow !== "none";
  const place = at.getBoundingClientRect();
  return {
    what: `${at.tagName}#${at.id} ${at.getAttribute("name") ?? ""}`, lost: at === document.body,
    seen: drawn(style) || drawn(around) || at.matches(":focus-visible") && style.borderColor !== "rgba(0, 0, 0, 0)",
    inside: place.bottom > 0 && place.top < innerHeight && place.right > 0 && place.left < innerWidth,
  };
}"""


def has_focus(page: Page) -> None:
    """Somewhere, and to be seen."""
    expect(page.locator(":focus")).to_have_count(1)  # a script as text would be refused by the page's own policy
    focus: dict[str, Any] = page.evaluate(FOCUS)
    assert not focus["lost"], focus
    assert focus["seen"], focus
    assert focus["inside"], focus


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def find(page: Page, words: str) -> None:
    """The palette shows what the house found for these words; the first of the conversations is chosen."""
    press(page, "Control+k")
    expect(page.locator("#palette")).to_be_visible()
    has_focus(page)
    page.keyboard.type(words)
    expect(page.locator("#palette-found [role=option]").first).to_be_visible()


def test_a_conversation_from_signing_in_to_closing_it_by_keyboard_alone(house: House, browser: Browser) -> None:
    write(house, "La tessera dei vetri non funziona più", "Wanda Tastiera")
    context = browser.new_context(locale="it-IT", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{house.url}/login/?next=/desk/")
    has_focus(page)
    page.keyboard.type("anna")
    press(page, "Tab")
    has_focus(page)
    page.keyboard.type("demo")
    press(page, "Enter")
    page.wait_for_url("**/desk/")
    page.wait_for_load_state("networkidle")

    find(page, "wanda tast")
    press(page, "Enter")  # her, the first found
    expect(page.locator("#talk h1")).to_contain_text("Wanda Tastiera")
    has_focus(page)
    press(page, "Enter")  # take
    expect(page.locator("textarea").first).to_be_focused()
    has_focus(page)
    page.keyboard.type("Le mando la tessera nuova.")
    press(page, "Control+Enter")
    expect(page.locator("#flow")).to_contain_text("Le mando la tessera nuova.")
    has_focus(page)
    press(page, "Escape", "n")
    expect(page.locator("textarea").first).to_be_focused()
    has_focus(page)
    page.keyboard.type("Tessera 118 spedita.")
    press(page, "Control+Enter")
    expect(page.locator("#flow")).to_contain_text("Tessera 118 spedita.")
    press(page, "Escape")
    has_focus(page)
    for key in ("t", "p", "?"):  # transfer, case, the sheet of shortcuts
        press(page, key)
        expect(page.locator("#dialog")).to_be_visible()
        has_focus(page)
        press(page, "Escape")
        expect(page.locator("#dialog")).to_be_hidden()
        has_focus(page)
    press(page, "Control+k")
    page.keyboard.type("trasf")  # an action of this page, by its name
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Trasferisci")
    press(page, "Enter")
    expect(page.locator("#dialog")).to_be_visible()
    press(page, "Escape", "w")
    expect(page.locator("#dialog")).to_be_visible()
    has_focus(page)
    submit = page.locator("#dialog form button.p")
    for _ in range(15):
        if submit.evaluate("one => one === document.activeElement"):
            break
        press(page, "Tab")
        has_focus(page)
    press(page, "Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    has_focus(page)
    context.close()


def test_the_palette_is_operated_like_any_combobox(house: House, sit_down: SitDown) -> None:
    page = sit_down("anna")
    press(page, "Control+k")
    field = page.locator("#palette-q")
    expect(field).to_be_focused()
    first = field.get_attribute("aria-activedescendant")
    press(page, "ArrowDown")
    assert field.get_attribute("aria-activedescendant") != first
    press(page, "ArrowUp")
    assert field.get_attribute("aria-activedescendant") == first
    page.keyboard.type("zzzqqq")
    expect(page.locator("#palette [data-none]")).to_be_visible()
    expect(page.locator("#palette [role=status]")).to_have_text("Nessun risultato")
    assert field.get_attribute("aria-activedescendant") is None
    press(page, "Control+k")
    expect(page.locator("#palette")).to_be_hidden()
    page.locator(".desk-head .find").click()  # by mouse, too
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    page.locator("#palette [data-close-palette]").click()
    expect(page.locator("#palette")).to_be_hidden()


def test_no_key_fires_while_somebody_writes_or_composes_a_character(house: House, sit_down: SitDown) -> None:
    page = sit_down("anna")
    page.evaluate("""() => {
      document.body.append(Object.assign(document.createElement("div"), {id: "free", contentEditable: "true"}));
      document.getElementById("free").focus();
    }""")
    page.keyboard.type("?")
    assert page.locator("#free").text_content() == "?"
    page.evaluate("document.activeElement.blur()")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '?', isComposing: true, bubbles: true}))"
    )
    page.wait_for_timeout(300)
    expect(page.locator("#dialog")).to_be_hidden()
    press(page, "?")
    expect(page.locator("#dialog")).to_be_visible()


def test_of_buttons_that_share_a_key_the_one_in_front_is_pressed(house: House, sit_down: SitDown) -> None:
    page = sit_down("anna")
    page.evaluate("""() => {
      window.pressed = [];
      const make = (where, name, more) => {
        const one = Object.assign(document.createElement("button"), {type: "button", textContent: name, ...more});
        one.dataset.key = "y";
        one.onclick = () => window.pressed.push(name);
        document.querySelector(where).append(one);
      };
      make("header", "off", {disabled: true});
      make("header", "hidden", {hidden: true});
      make("header", "head", {});
      make("#talk", "talk", {});
    }""")
    press(page, "y")
    page.evaluate("document.getElementById('talk').focus()")
    press(page, "y")
    assert page.evaluate("window.pressed") == ["head", "talk"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_desk_dialogs_palette_and_search_have_no_barrier(
    scheme: Literal["light", "dark"], house: House, sit_down: SitDown
) -> None:
    conversation = write(house, "Vorrei la carta d'identità", f"Berta Barriera {scheme}")
    page = sit_down("anna", f"/desk/c/{conversation}/", color_scheme=scheme, reduced_motion="reduce")

    def check(where: str) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(RULES)
        assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == [], where
        still = "document.getAnimations().every((one) => (one.effect.getComputedTiming().duration || 0) < 10)"
        assert page.evaluate(still), where

    check("conversation")
    press(page, "Enter")
    expect(page.locator("textarea").first).to_be_focused()
    press(page, "Escape")
    for key in ("t", "p", "l", "i", "w", "?"):
        press(page, key)
        expect(page.locator("#dialog")).to_be_visible()
        check(key)
        press(page, "Escape")
        expect(page.locator("#dialog")).to_be_hidden()
    find(page, "berta")
    check("palette")
    page.goto(f"{house.url}/desk/search/?q=berta")
    check("search")


# 200 % of 640 px, and the narrowest phone.
@pytest.mark.parametrize("width", [320, 640])
def test_nothing_scrolls_sideways_however_narrow_or_enlarged(width: int, house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Vorrei un appuntamento " + "a" * 90, "Sandra Stretta")
    page = sit_down("anna", viewport={"width": width, "height": 560})

    def check(where: str) -> None:
        boxes = "[...document.querySelectorAll('html, body, dialog[open], #palette-list')]"
        wide = page.evaluate(f"{boxes}.map((one) => one.scrollWidth - one.clientWidth)")
        assert max(wide) <= 0, (where, wide)

    check("desk")
    find(page, "sandra")
    check("palette")
    press(page, "Escape")
    for path in (f"/desk/c/{conversation}/", "/desk/search/?q=sandra"):
        page.goto(house.url + path)
        check(path)


@pytest.mark.parametrize("opened", [False, True])
def test_a_first_desk_page_is_twelve_requests_and_a_quarter_of_a_megabyte(
    picking: None, opened: bool, house: House, sit_down: SitDown
) -> None:
    page = sit_down("anna")
    if opened:  # with somebody to answer, and a composer to write in
        conversation = write(house, "Mi serve un certificato", "Carlo Primo")
        take(house, conversation, "anna")
        open_(page, house, conversation)
        expect(page.locator("textarea.box")).to_be_visible()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    asked: dict[str, str] = {}
    weighed: dict[str, float] = {}
    wire.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    wire.on("Network.loadingFinished", lambda event: weighed.update({event["requestId"]: event["encodedDataLength"]}))
    page.reload(wait_until="networkidle")
    first = [url for url in asked.values() if not url.startswith("data:") and "/desk/mine/" not in url]
    assert len(first) <= 12 + opened, first  # with a composer: also what is half written there
    sizes = {asked[one]: size for one, size in weighed.items() if one in asked}
    assert 20_000 < sum(sizes.values()) <= 250_000, sizes
    assert not any("palette" in url or "search.css" in url for url in first)


def test_a_ping_is_one_request_and_what_did_not_change_is_not_sent_again(house: House, sit_down: SitDown) -> None:
    page = sit_down("anna")
    page.wait_for_load_state("networkidle")
    pulled: list[str] = []
    page.on("request", lambda request: pulled.append(request.url) if "/desk/" in request.url else None)
    write(house, "Una cosa nuova", "Pia Segnale")
    expect(page.locator("#work")).to_contain_text("Pia Segnale")
    page.wait_for_timeout(1500)
    assert all("/desk/mine/" in url for url in pulled), pulled
    assert len(pulled) <= 2, pulled  # one for the ping, one more where a second came meanwhile
    answers = page.evaluate("""async () => {
      const url = document.body.dataset.mine, headers = {"HX-Request": "true"};
      const first = await fetch(url, {headers, cache: "no-store"});
      const again = await fetch(url, {headers: {...headers, "If-None-Match": first.headers.get("ETag")}, cache: "no-store"});
      return [first.status, again.status, (await again.text()).length];
    }""")
    assert answers == [200, 304, 0]
