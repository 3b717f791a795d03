"""A newcomer's first minutes: chat on the town's own site, a mail, an answer, a reply that finds its case."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import House

pytestmark = pytest.mark.browser
SOON = 15_000  # milliseconds


def log_in(page: Page, house: House) -> None:
    page.goto(f"{house.url}/desk/")
    page.locator("[name=username]").fill("anna")
    page.locator("[name=password]").fill("demo")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/desk/"))


def answer(desk: Page, words_of_citizen: str, answer: str) -> None:
    """Anna opens what waits, takes it and answers."""
    desk.get_by_text(words_of_citizen).first.click(timeout=SOON)
    desk.locator('form[action$="/take/"] button.p').first.click()
    expect(desk.locator('[data-key="w"]')).to_be_visible(timeout=SOON)  # it is Anna's now
    desk.locator("textarea[name=text]").fill(answer)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("textarea[name=text]")).to_have_value("", timeout=SOON)
    expect(desk.get_by_text(answer).first).to_be_visible(timeout=SOON)


@pytest.fixture
def desk(browser: Browser, house: House) -> Page:
    page = browser.new_context(locale="it-IT").new_page()
    log_in(page, house)
    return page


def test_a_chat_on_the_towns_own_site_is_answered_at_the_desk(page: Page, desk: Page, house: House) -> None:
    page.goto(f"{house.url}/demo/")
    town = page.get_by_role("link", name=re.compile("Visita il sito")).get_attribute("href") or ""
    assert "localhost" in town
    page.goto(town)
    page.locator("#sportello-chat button").click()
    chat = page.frame_locator("#sportello-chat iframe")
    chat.locator("#start [name=text]").fill("Il parco della Fonte è aperto domenica?")
    chat.locator("#start button.primary").click()
    answer(desk, "parco della Fonte", "Sì, dalle 7 alle 22.")
    expect(chat.get_by_text("Sì, dalle 7 alle 22.")).to_be_visible(timeout=SOON)


def test_a_mail_is_answered_and_the_reply_joins_its_case(page: Page, desk: Page, house: House) -> None:
    page.goto(f"{house.url}/demo/mail/write/")
    page.locator("#id_subject").fill("Lampione RV 301")
    page.locator("#id_text").fill("Il lampione RV 301 in via Verdi è spento.")
    page.get_by_role("button", name="Invia").click()
    answer(desk, "lampione RV 301", "La squadra passa domani.")
    newest = page.locator("#mails li a").first
    expect(newest).to_contain_text("Anna", timeout=2 * SOON)  # for ten seconds it can be taken back
    newest.click()
    expect(page.get_by_text("La squadra passa domani.")).to_be_visible()
    page.locator("summary").click()
    expect(page.get_by_role("row", name=re.compile("In-Reply-To"))).to_be_visible()
    page.locator("#id_text").fill("Grazie, aspetto la squadra.")
    page.get_by_role("button", name="Invia la risposta").click()
    expect(desk.get_by_text("Grazie, aspetto la squadra.").last).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("path", ["/demo/", "/demo/town/", "/demo/mail/", "/demo/mail/write/"])
def test_nothing_scrolls_sideways_on_a_small_phone(page: Page, house: House, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{house.url}{path}?lang=uk")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
