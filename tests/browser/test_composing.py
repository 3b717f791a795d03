"""Writing to somebody by mail: taken back by a key, sent later; and what they wrote elsewhere, unfolded in place."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, open_, sit_down, take

__all__ = ["sit_down"]
pytestmark = pytest.mark.browser
LETTER = """
from django.utils import timezone
from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import receive
account = ChannelAccount.objects.select_related("queue__office", "office").get(slug="mail")
event = InboundMessage(external_id={key!r}, sender=Address("mailto", {address!r}, {name!r}), text={text!r},
                       subject={key!r}, language="it")
print(receive.receive(account=account, event=event, at=timezone.now()).interaction)
"""

NOTES = """
from crm import interactions
from crm.models import Interaction, User
for name, text in (("{first}", "Richiamare per la prima"), ("{second}", "Richiamare anche per questa")):
    about = Interaction.objects.get(public_id=name)
    interactions.note(interaction=about, text=text, actor=User.objects.get(username="bruno"))
"""


def letter(house: House, text: str, name: str, *, key: str) -> str:
    """A citizen's mail, taken by Anna. Gives the conversation's public id."""
    address = name.lower().replace(" ", ".") + "@posta.example"
    code = LETTER.format(key=key, address=address, name=name, text=text)
    conversation = house.run(code).strip().splitlines()[-1]
    take(house, conversation, "anna")
    return conversation


def test_words_are_taken_back_by_a_key_and_written_on(house: House, sit_down: SitDown) -> None:
    conversation = letter(house, "Chi paga l'IMU?", "Rita Ripensa", key="imu-rita")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    box = anna.locator("textarea.box")
    box.fill("La paga suo zio")
    box.press("Control+Enter")
    expect(anna.locator(".leaving [data-left-shown]")).to_be_visible(timeout=SOON)
    expect(box).to_have_value("")
    box.press("Control+z")
    expect(anna.locator(".msg.withdrawn")).to_contain_text("La paga suo zio", timeout=SOON)
    expect(box).to_have_value("La paga suo zio")
    expect(box).to_be_focused()
    expect(anna.locator(".leaving")).to_have_count(0)


def test_an_answer_for_tomorrow_is_sent_now_after_all(house: House, sit_down: SitDown) -> None:
    conversation = letter(house, "Quando aprite?", "Dario Domani", key="orari-dario")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.locator("textarea.box").fill("Alle nove")
    anna.locator(".menu.up summary").press("Enter")
    anna.locator('[name="later"][value="morning"]').press("Enter")
    expect(anna.locator(".leaving")).to_contain_text("domani", timeout=SOON)
    expect(anna.locator(".menu.up .pop")).to_be_hidden()
    anna.locator(".leaving form button").first.press("Enter")
    expect(anna.locator(".msg.out:not(.auto) .foot")).to_contain_text("inviato", timeout=SOON)


def test_what_somebody_wrote_elsewhere_is_unfolded_in_place_and_stays_so(house: House, sit_down: SitDown) -> None:
    first = letter(house, "La prima volta", "Piera Prima", key="prima-piera")
    second = letter(house, "La seconda volta", "Piera Prima", key="seconda-piera")
    anna = sit_down("anna")
    open_(anna, house, second)
    anna.locator("#before > summary").press("Enter")
    anna.locator(".other > summary").first.press("Enter")
    expect(anna.locator(".unfolded")).to_contain_text("La prima volta", timeout=SOON)
    anna.locator('[data-key="n"] input, label[data-key="n"]').first.click()
    anna.locator("textarea.box").fill("Ha già scritto")
    anna.locator("textarea.box").press("Control+Enter")
    expect(anna.locator(".msg.note")).to_contain_text("Ha già scritto", timeout=SOON)
    expect(anna.locator(".unfolded")).to_contain_text("La prima volta")
    expect(anna.locator(".unfolded")).to_be_visible()
    house.run(NOTES.format(first=first, second=second))  # what is unfolded changes, and so does what is around it
    expect(anna.locator("#flow > .msg.note").last).to_contain_text("Richiamare anche per questa", timeout=SOON)
    expect(anna.locator(".unfolded")).to_contain_text("Richiamare per la prima", timeout=SOON)
