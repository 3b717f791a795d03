"""Canned answers by a slash, a macro and an emoji, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.test_composing import letter
from tests.browser.test_desk import SOON, SitDown, open_, sit_down

__all__ = ["sit_down"]
pytestmark = pytest.mark.browser


def test_a_canned_answer_is_found_inserted_and_sent_by_keyboard(house: House, sit_down: SitDown) -> None:
    conversation = letter(house, "Quando aprite?", "Silvia Scorciatoia", key="orari-silvia")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    box, find = anna.locator("textarea.box"), anna.locator("[data-slash-box] input")
    box.focus()
    anna.keyboard.type("1/2 e ")
    expect(find).to_be_hidden()
    anna.keyboard.type("/")
    expect(find).to_be_focused(timeout=SOON)
    anna.keyboard.type("zzz")
    anna.keyboard.press("Escape")
    expect(box).to_have_value("1/2 e /zzz")
    expect(box).to_be_focused()
    box.fill("")
    anna.keyboard.type("/")
    expect(find).to_be_focused(timeout=SOON)
    anna.keyboard.type("salu")
    expect(anna.locator("[data-slash-box] [role=option]")).to_have_count(1, timeout=SOON)
    expect(find).to_have_attribute("aria-activedescendant", "slash-list-" + conversation + "-0")
    anna.keyboard.press("Enter")
    expect(box).to_have_value(
        "Buongiorno Silvia Scorciatoia, sono Anna Conti di Accoglienza e URP. Come posso aiutarla?"
    )
    anna.keyboard.press("Control+Enter")
    expect(anna.locator(".msg.out:not(.auto)")).to_contain_text("Come posso aiutarla?", timeout=SOON)


def test_an_open_place_is_asked_about_before_it_leaves(house: House, sit_down: SitDown) -> None:
    conversation = letter(house, "Che numero ha?", "Nino Numero", key="numero-nino")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.locator("textarea.box").fill("È la {{case}}")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator("#dialog-title")).to_be_visible(timeout=SOON)
    expect(anna.locator(".msg.out:not(.auto)")).to_have_count(0)
    anna.locator("[data-send-unfilled]").press("Enter")
    expect(anna.locator(".msg.out:not(.auto)")).to_contain_text("È la {{case}}", timeout=SOON)
    expect(anna.locator("dialog")).to_be_hidden()


def test_a_macro_is_read_and_run_by_two_keys_and_an_emoji_is_found_by_name(house: House, sit_down: SitDown) -> None:
    conversation = letter(house, "Mando i documenti", "Mara Macro", key="documenti-mara")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.locator("[data-emoji-open]").press("Enter")
    anna.locator("[data-emoji-find]").fill("pollice in su")
    anna.keyboard.press("Enter")
    expect(anna.locator("textarea.box")).to_have_value("👍", timeout=SOON)
    anna.locator("textarea.box").fill("")
    anna.keyboard.press("Escape")
    anna.keyboard.press("m")
    expect(anna.locator("dialog .choice").first).to_be_focused(timeout=SOON)
    anna.locator("dialog .choice", has_text="In attesa dei documenti").press("Enter")
    expect(anna.locator(".macro-steps")).to_contain_text("Chiesti i documenti", timeout=SOON)
    anna.keyboard.press("Enter")
    expect(anna.locator("#talk")).to_contain_text("Fatto:", timeout=SOON)
