"""Everything by one box: what the page can do, and whoever is looked for."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, open_, sit_down, take, write
from tests.browser.test_offers import is_accessible

__all__ = ["sit_down"]
pytestmark = pytest.mark.browser


def test_the_palette_does_what_the_page_can_do(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Dove siete?", name="Pia Paletta")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.locator("textarea.box").focus()
    anna.keyboard.press("Control+k")
    box = anna.locator("#palette-words")
    expect(box).to_be_focused(timeout=SOON)
    options = anna.locator("[data-palette-list] [role=option]")
    expect(options.first).to_be_visible()
    is_accessible(anna)
    anna.keyboard.type("trasf")
    expect(options.first).to_contain_text("Trasferisci")
    anna.keyboard.press("Enter")
    expect(anna.locator("#dialog-title")).to_contain_text("Trasferi", timeout=SOON)
    expect(anna.locator("#palette-words")).to_have_count(0)
    anna.keyboard.press("Escape")
    expect(anna.locator("#dialog")).to_be_hidden()


def test_somebody_is_found_and_opened_by_keyboard(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Ho perso il cane", name="Quirina Cercata")
    anna = sit_down("anna")
    anna.keyboard.press("Control+k")
    expect(anna.locator("#palette-words")).to_be_focused(timeout=SOON)
    anna.keyboard.type("quirin")
    hit = anna.locator("[data-palette-list] [role=option]", has_text="Quirina Cercata").first
    expect(hit).to_be_visible(timeout=SOON)
    is_accessible(anna)
    anna.set_viewport_size({"width": 320, "height": 640})
    assert anna.evaluate("document.documentElement.scrollWidth <= 320")
    anna.keyboard.press("Enter")
    expect(anna.locator("#talk")).to_have_attribute("data-id", conversation, timeout=SOON)
    assert anna.url.endswith(f"/desk/c/{conversation}/")
    anna.go_back()
    expect(anna.locator("#talk")).not_to_have_attribute("data-id", conversation, timeout=SOON)
