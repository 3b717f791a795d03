"""A conversation goes from hand to hand: with a note, closed by a colleague meanwhile, reopened, put away."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, open_, row, sit_down, take, write
from tests.browser.test_offers import is_accessible, picking

__all__ = ["picking", "sit_down"]
pytestmark = pytest.mark.browser
CLOSED = """
from contactcenter.queues import work_items
from crm.models import Interaction, User
item = work_items.open_item(Interaction.objects.get(public_id={conversation!r}))
work_items.finish(item=item, actor=User.objects.get(username="anna"), outcome="risolto al telefono")
"""


def test_a_transfer_carries_its_note_to_the_colleague(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Serve chi sa di tributi", name="Tino Trasferito")
    take(house, conversation, "anna")
    anna, bruno = sit_down("anna"), sit_down("bruno")
    open_(anna, house, conversation)
    anna.keyboard.press("t")
    expect(anna.locator("#to-queue")).to_be_focused(timeout=SOON)
    is_accessible(anna)
    anna.locator("dialog input[name=way][value=person]").check()
    anna.locator(".who-choice", has_text="Bruno").locator("input").check()
    anna.locator("#to-note").fill("Ha già mandato la ricevuta")
    anna.locator("dialog .btn.p").press("Enter")
    expect(anna.locator(f"#tab-{conversation}")).to_have_count(0, timeout=SOON)
    expect(row(bruno, conversation).or_(bruno.locator(".offer", has_text="Tino Trasferito")).first).to_be_visible(
        timeout=SOON
    )
    open_(bruno, house, conversation)
    expect(bruno.locator(".msg.note .said").last).to_have_text("Ha già mandato la ricevuta", timeout=SOON)


def test_offline_for_five_minutes_while_a_colleague_closes_the_desk_heals_and_keeps_what_was_written(
    house: House, sit_down: SitDown
) -> None:
    conversation = write(house, "Resto in linea", name="Olga Offline")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    anna.clock.install()
    open_(anna, house, conversation)
    anna.evaluate("window.neverReloaded = true")
    began = anna.evaluate("Date.now()")
    anna.context.set_offline(True)
    expect(anna.locator("#line")).to_be_visible(timeout=SOON)
    anna.locator("textarea.box").fill("Ecco la risposta che stavo scrivendo")
    anna.clock.run_for(2 * 60_000)  # as her page sees it: every timer of these minutes runs
    house.run(CLOSED.format(conversation=conversation))  # on her other machine
    anna.clock.run_for(3 * 60_000)
    expect(anna.locator("#line")).to_be_visible()
    assert anna.evaluate("Date.now()") - began >= 5 * 60_000
    anna.context.set_offline(False)
    expect(anna.locator('[data-key="o"]')).to_be_visible(timeout=SOON)
    expect(anna.locator(".head")).to_contain_text("chiusa")
    expect(anna.locator("#line")).to_be_hidden(timeout=SOON)
    expect(anna.locator("textarea.box")).to_have_value("Ecco la risposta che stavo scrivendo")
    anna.locator("#talk").focus()
    anna.keyboard.press("o")
    expect(anna.locator(".head")).to_contain_text("con lei dalle", timeout=SOON)
    expect(anna.locator("textarea.box")).to_have_value("Ecco la risposta che stavo scrivendo")
    anna.locator("textarea.box").press("Control+Enter")
    expect(anna.locator(".msg.out .said").last).to_have_text("Ecco la risposta che stavo scrivendo", timeout=SOON)
    assert anna.evaluate("window.neverReloaded") is True


def test_spam_is_put_away_by_keyboard_and_taken_back(picking: None, house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Vinci subito un premio", name="Sandro Spam")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.locator("#talk").focus()
    anna.keyboard.press("x")
    expect(anna.locator("#dialog-title")).to_contain_text("spam", timeout=SOON)
    is_accessible(anna)
    anna.keyboard.press("Enter")
    expect(anna.locator(".head .pill.bad")).to_have_text("spam", timeout=SOON)
    expect(row(anna, conversation)).to_have_count(0, timeout=SOON)
    anna.locator("#talk").focus()
    anna.keyboard.press("o")
    expect(row(anna, conversation)).to_be_visible(timeout=SOON)
