"""Two agents, a supervisor and a citizen, each in a browser of their own: what colleagues say stays among colleagues."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, open_, row, sit_down
from tests.browser.test_offers import is_accessible, picking

__all__ = ["picking", "sit_down"]
pytestmark = pytest.mark.browser
SAID = "#lane .said"


def say(page: Page, words: str) -> None:
    """By keyboard alone."""
    if page.locator("#beside").is_hidden():
        page.locator("#talk").focus()
        page.keyboard.press("s")
    expect(page.locator("#beside-words")).to_be_focused(timeout=SOON)
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator(SAID).last).to_have_text(words, timeout=SOON)


def begin_chat(page: Page, house: House, words: str) -> list[str]:
    """A citizen begins a chat. Gives what their page hears from the house, growing."""
    heard: list[str] = []
    page.on("websocket", lambda line: line.on("framereceived", lambda frame: heard.append(str(frame))))
    page.on("response", lambda answer: heard.append(answer.url))
    page.goto(f"{house.url}/chat/comune/?lang=it")
    page.locator("#start [name=text]").fill(words)
    page.locator("#start button.primary").click()
    expect(page.locator("#log .mine .status").first).to_contain_text("inviato")
    return heard


def conversation_of(house: House, words: str) -> str:
    return house.run(f"""
from crm.models import Message
print(Message.objects.filter(text={words!r}).latest("id").interaction.public_id)
""").strip()


def test_a_consult_a_side_chat_a_whisper_and_a_take_over_that_the_citizen_never_hears(
    picking: None, house: House, sit_down: SitDown, browser: Browser
) -> None:
    citizen = browser.new_page()
    heard = begin_chat(citizen, house, "Il mio permesso è scaduto ieri")
    conversation = conversation_of(house, "Il mio permesso è scaduto ieri")
    anna, bruno = sit_down("anna"), sit_down("bruno", color_scheme="dark")
    row(anna, conversation).hover()
    row(anna, conversation).locator(".take").click()
    expect(anna.locator("textarea.box")).to_be_focused(timeout=SOON)
    anna.locator("#talk").focus()
    anna.keyboard.press("i")
    anna.locator("dialog .who-choice", has_text="Bruno").click()
    anna.locator("dialog .btn.p").click()
    expect(bruno.locator(f"#work [data-id='{conversation}']")).to_be_visible(timeout=SOON)

    open_(bruno, house, conversation)
    expect(anna.locator("#company")).to_contain_text("Bruno", timeout=SOON)
    say(anna, "Segreto: quale ufficio?")
    expect(bruno.locator("#to-beside .un")).to_have_text("1", timeout=SOON)
    say(bruno, "Segreto: Anagrafe")
    expect(anna.locator(SAID).last).to_have_text("Segreto: Anagrafe", timeout=SOON)

    diego = sit_down("diego", "/desk/team/")
    member = diego.locator("#team-people tr", has_text="Anna")
    member.locator(f"#t-{conversation} button").click(timeout=SOON)
    expect(diego.locator("#talk")).to_have_attribute("data-id", conversation, timeout=SOON)
    expect(anna.locator("#company .warn")).to_contain_text("Diego", timeout=SOON)
    say(diego, "Segreto: proponi un appuntamento")
    expect(anna.locator("#lane .whisper .said")).to_have_text("Segreto: proponi un appuntamento", timeout=SOON)
    expect(bruno.locator("#lane .whisper .said")).to_have_text("Segreto: proponi un appuntamento", timeout=SOON)
    is_accessible(anna)
    bruno.set_viewport_size({"width": 320, "height": 700})
    is_accessible(bruno)
    assert bruno.evaluate("document.documentElement.scrollWidth") <= 320

    diego.locator("[data-open$='/taking-over/']").click()
    diego.locator("#take-over-why").fill("Conosco il caso")
    diego.locator("dialog .btn.p").click()
    expect(diego.locator(f"#tab-{conversation}")).to_be_visible(timeout=SOON)
    expect(anna.locator("#bell .un")).to_be_visible(timeout=SOON)
    anna.locator("#talk").focus()
    anna.keyboard.press("b")
    expect(anna.locator("dialog .notices")).to_contain_text("Conosco il caso", timeout=SOON)
    expect(anna.locator("#bell .un")).to_have_count(0, timeout=SOON)

    box = diego.locator("#composer textarea")
    box.fill("Buongiorno, sono Diego.")
    box.press("Control+Enter")
    expect(citizen.locator("#log")).to_contain_text("Buongiorno, sono Diego.", timeout=SOON)
    citizen.reload()
    expect(citizen.locator("#log")).to_contain_text("Buongiorno, sono Diego.", timeout=SOON)
    everything = citizen.content() + "".join(heard)
    for hidden in ("Segreto", "Bruno", "colleague", "company", "whisper"):
        assert hidden not in everything, hidden
    citizen.close()


def test_an_at_calls_a_colleague_by_keys_and_their_bell_rings_at_once(
    picking: None, house: House, sit_down: SitDown, browser: Browser
) -> None:
    citizen = browser.new_page()
    begin_chat(citizen, house, "Dove pago il bollo?")
    conversation = conversation_of(house, "Dove pago il bollo?")
    bruno, anna = sit_down("bruno"), sit_down("anna")
    open_(anna, house, conversation)
    anna.keyboard.press("n")
    box = anna.locator("#composer textarea")
    box.click()
    anna.keyboard.type("Lo sa @bru")
    expect(anna.locator("#mentions [role=option]")).to_have_count(1, timeout=SOON)
    expect(box).to_have_attribute("aria-activedescendant", "mention-1")
    anna.keyboard.press("Enter")
    expect(box).to_have_value("Lo sa @bruno ")
    box.press("Control+Enter")
    expect(bruno.locator("#bell .un")).to_have_text("1", timeout=SOON)
    citizen.close()


def test_the_teams_page_follows_what_happens_and_fits_every_width(
    picking: None, house: House, sit_down: SitDown, browser: Browser
) -> None:
    diego, anna = sit_down("diego", "/desk/team/"), sit_down("anna")
    citizen = browser.new_page()
    begin_chat(citizen, house, "Una domanda per la squadra")
    conversation = conversation_of(house, "Una domanda per la squadra")
    piece = diego.locator(f"#team-work tr:has(a[href*='{conversation}'])")
    expect(piece).to_be_visible(timeout=SOON)
    row(anna, conversation).hover()
    row(anna, conversation).locator(".take").click()
    expect(diego.locator(f"#t-{conversation}")).to_be_visible(timeout=SOON)
    expect(piece).to_contain_text("Anna", timeout=SOON)
    is_accessible(diego)
    for width in (1440, 320):
        diego.set_viewport_size({"width": width, "height": 800})
        assert diego.evaluate("document.documentElement.scrollWidth") <= width
    citizen.close()
