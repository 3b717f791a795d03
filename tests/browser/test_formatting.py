"""Bold, a list, a link and a look at them by keyboard alone, on a channel that carries them."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, open_, sit_down, take
from tests.browser.test_offers import is_accessible

__all__ = ["sit_down"]
pytestmark = pytest.mark.browser
MAIL = """
from django.utils import timezone
from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import receive
rows = ChannelAccount.objects.select_related("queue__office", "office")
account = next(row for row in rows if row.adapter_class.abilities.html)
event = InboundMessage(external_id="<formatted@example.it>", sender=Address("mailto", "fulvia@example.it", "Fulvia Forma"),
                       text="Che cosa devo portare?", subject="Documenti", language="it")
print(receive.receive(account=account, event=event, at=timezone.now()).interaction)
"""
CHOOSE = "(box, words) => box.setSelectionRange(box.value.indexOf(words), box.value.indexOf(words) + words.length)"


def test_an_answer_is_formatted_by_keyboard_and_shown_so(house: House, sit_down: SitDown) -> None:
    conversation = house.run(MAIL).strip()
    take(house, conversation, "anna")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    box = anna.locator("textarea.box")
    box.fill("Porti subito:\n\nmodulo\nricevuta\n\ne veda il sito")
    box.focus()
    anna.wait_for_load_state("networkidle")
    for words, key in (("subito", "Control+b"), ("modulo\nricevuta", "Control+Shift+Digit8"), ("sito", "Control+k")):
        box.evaluate(CHOOSE, words)
        anna.keyboard.press(key)
    anna.keyboard.type("https://comune.example")
    expect(box).to_have_value("Porti **subito**:\n\n- modulo\n- ricevuta\n\ne veda il [sito](https://comune.example)")
    anna.keyboard.press("Control+e")
    look = anna.locator("[data-formatted]")
    expect(look.locator("strong")).to_have_text("subito", timeout=SOON)
    is_accessible(anna)
    anna.keyboard.press("Control+Enter")
    said = anna.locator(".msg.out .formed").last
    expect(said.locator("li")).to_have_text(["modulo", "ricevuta"], timeout=SOON)
    expect(said.locator("a")).to_have_attribute("href", "https://comune.example")
    expect(look).to_be_hidden()
    expect(box).to_have_value("")
