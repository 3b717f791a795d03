"""Two people join the same conversations in the same moment: one of them does, and nobody waits for ever."""

import pytest
from django.utils import timezone

from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import joining, receive
from contactcenter.outbox import tags
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues import work_items
from crm import merging
from crm.interactions import StaleView
from crm.models import Interaction, Message, User
from tests.contactcenter.desk.conftest import Write
from tests.contactcenter.queues import test_parallel
from tests.contactcenter.queues.test_parallel import at_once

ROUNDS = 5
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    known = (*test_parallel.REFUSALS, merging.CannotMerge, StaleView)
    monkeypatch.setattr(test_parallel, "REFUSALS", known)


def pair(write: Write, n: int) -> tuple[Interaction, Interaction]:
    first = write(f"Uno {n}", thread="", who=f"giulia{n}")
    second = write(f"Due {n}", thread="", who=f"giulia{n}")
    Message.objects.filter(direction="out").update(state="sent")
    OutboxItem.objects.all().delete()
    return first, second


def fresh(interaction: Interaction) -> Interaction:
    return Interaction.objects.get(pk=interaction.pk)


def test_two_merge_the_same_two_into_each_other_and_one_of_them_does(write: Write, anna: User, bruno: User) -> None:
    for n in range(ROUNDS):
        one, two = pair(write, n)
        told = at_once(
            lambda one=one, two=two: joining.merge(source=one, target=two, actor=anna),  # type: ignore[misc]
            lambda one=one, two=two: joining.merge(source=two, target=one, actor=bruno),  # type: ignore[misc]
        )
        assert sorted(bool(sentence) for sentence in told) == [False, True], told
        (stays,) = [row for row in (fresh(one), fresh(two)) if row.is_open]
        assert Message.objects.filter(interaction=stays, direction="in").count() == 2


def test_a_letter_that_comes_in_during_the_merge_is_not_lost(write: Write, anna: User, letters: ChannelAccount) -> None:
    for n in range(ROUNDS):
        one, two = pair(write, n)
        event = InboundMessage(
            external_id=f"sheet-late-{n}", sender=Address("paper", f"giulia{n}@example.it", "Giulia"),
            text="Aggiungo", tags=(tags.sign(one.pk),),
        )  # fmt: skip
        at_once(
            lambda one=one, two=two: joining.merge(source=one, target=two, actor=anna),  # type: ignore[misc]
            lambda event=event: receive.receive(account=letters, event=event, at=timezone.now()),  # type: ignore[misc]
        )
        late = Message.objects.get(external_id=f"sheet-late-{n}")
        assert late.interaction.is_open
        assert work_items.open_item(late.interaction) is not None
        seqs = list(Message.objects.filter(interaction=late.interaction).values_list("seq", flat=True))
        assert len(seqs) == len(set(seqs))
        assert max(seqs) == late.interaction.last_seq
