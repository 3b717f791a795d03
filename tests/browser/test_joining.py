"""Two letters of one person become one conversation, and two again, by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, open_, row, sit_down
from tests.browser.test_offers import is_accessible, picking

__all__ = ["picking", "sit_down"]
pytestmark = pytest.mark.browser
TWO_LETTERS = """
from django.utils import timezone
from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import receive
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues import work_items
from crm.models import Interaction, Message, User
able = [one for one in ChannelAccount.objects.filter(enabled=True) if one.adapter_class.abilities.subject]
anna = User.objects.get(username="anna")
for n, words in enumerate(["Ho pagato due volte", "Avete visto la mia lettera?"]):
    sender = Address("mailto", "mara.merge@posta.example", "Mara Merge")
    event = InboundMessage(external_id=f"mara-{n}@posta", sender=sender, text=words, subject=f"Lettera {n + 1}")
    outcome = receive.receive(account=able[0], event=event, at=timezone.now())
    interaction = Interaction.objects.get(public_id=outcome.interaction)
    Message.objects.filter(interaction=interaction, direction="out").update(state="sent")
    OutboxItem.objects.filter(message__interaction=interaction).delete()
    work_items.claim(item=work_items.open_item(interaction), actor=anna)
    print(interaction.public_id)
"""


def test_two_letters_become_one_conversation_and_two_again(picking: None, house: House, sit_down: SitDown) -> None:
    first, second = house.run(TWO_LETTERS).split()
    anna = sit_down("anna")
    open_(anna, house, second)
    anna.locator("[data-menu] summary", has_text="Altro").press("Enter")
    anna.locator('[data-open$="/merging/"]').press("Enter")
    expect(anna.locator("#dialog-title")).to_contain_text("Unisci", timeout=SOON)
    is_accessible(anna)
    anna.locator(f'dialog input[value^="{first}"]').check()
    anna.locator("dialog .btn.p").press("Enter")
    expect(anna.locator("#talk .msg.in .said").first).to_have_text("Ho pagato due volte", timeout=SOON)
    expect(anna.locator("#talk .msg.in")).to_have_count(2)
    expect(row(anna, first)).to_have_count(0, timeout=SOON)
    anna.locator("[data-menu] summary", has_text="Altro").press("Enter")
    anna.locator('[data-open$="/splitting/"]').press("Enter")
    expect(anna.locator("#split-merged")).to_be_visible(timeout=SOON)
    is_accessible(anna)
    anna.locator("#split-merged").select_option(first)
    anna.locator("dialog .btn.p").press("Enter")
    expect(anna.locator("#talk .msg.in")).to_have_count(1, timeout=SOON)
    expect(row(anna, first)).to_be_visible(timeout=SOON)
