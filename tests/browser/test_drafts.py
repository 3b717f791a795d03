"""A half-written draft outlives the page, the machine and a second window, and says honestly where it is kept."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, open_, sit_down, take, write

__all__ = ["sit_down"]
pytestmark = pytest.mark.browser
WORDS = "Gentile Rita, il rimborso arriva"


def begin(page: Page, house: House, conversation: str, words: str = WORDS) -> None:
    open_(page, house, conversation)
    page.locator("textarea.box").fill(words)
    expect(page.locator("[data-draft-state]")).to_have_text("bozza salvata", timeout=SOON)


def test_after_a_crash_the_draft_is_there_on_another_machine_and_gone_once_sent(
    house: House, sit_down: SitDown
) -> None:
    conversation = write(house, "Quando arriva il rimborso?", name="Rita Crash")
    take(house, conversation, "anna")
    crashed = sit_down("anna")
    begin(crashed, house, conversation)
    crashed.context.close()
    elsewhere = sit_down("anna")
    open_(elsewhere, house, conversation)
    box = elsewhere.locator("textarea.box")
    expect(box).to_have_value(WORDS, timeout=SOON)
    box.press("Control+Enter")
    expect(elsewhere.locator(".msg.out .said")).to_have_text(WORDS, timeout=SOON)
    third = sit_down("anna")
    open_(third, house, conversation)
    third.wait_for_load_state("networkidle")
    expect(third.locator("textarea.box")).to_have_value("")


def test_an_older_window_is_offered_the_newer_words_and_loses_none_of_its_own(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Serve la marca da bollo?", name="Nino Finestre")
    take(house, conversation, "anna")
    older, newer = sit_down("anna"), sit_down("anna")
    begin(older, house, conversation)
    open_(newer, house, conversation)
    expect(newer.locator("textarea.box")).to_have_value(WORDS, timeout=SOON)
    begin(newer, house, conversation, "Buongiorno, la marca non serve")
    with newer.expect_response(re.compile("/draft/")):
        newer.locator("textarea.box").fill("Buongiorno Nino, la marca non serve")
    older.locator("textarea.box").fill("Altre parole")
    button = older.get_by_role("button", name="Mostra l’altra bozza")
    expect(button).to_be_visible(timeout=SOON)
    expect(older.locator("textarea.box")).to_have_value("Altre parole")
    button.click()
    expect(older.locator("textarea.box")).to_have_value("Buongiorno Nino, la marca non serve")
    button.click()
    expect(older.locator("textarea.box")).to_have_value("Altre parole")


def test_cut_off_the_desk_says_that_only_this_device_keeps_the_words(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "C’è qualcuno?", name="Lia Isolata")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.wait_for_load_state("networkidle")
    anna.context.set_offline(True)
    anna.locator("textarea.box").fill(WORDS)
    expect(anna.locator("[data-draft-state]")).to_have_text("salvata solo su questo dispositivo", timeout=SOON)
    anna.context.set_offline(False)
    expect(anna.locator("[data-draft-state]")).to_have_text("bozza salvata", timeout=SOON)
