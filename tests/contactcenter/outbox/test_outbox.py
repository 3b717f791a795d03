"""Every reply is sent, once; an answer that got lost is not a second message; states only move forward."""

import datetime as dt
import itertools
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from channels_adapters.contract import Address, DeliveryUpdate, OutboundMessage, Receipt, SendError
from contactcenter.accounts.models import ChannelAccount
from contactcenter.files import store
from contactcenter.outbox import dispatch, letters as letter_verbs, replies, states, sweep, tags
from contactcenter.outbox.models import EarlyUpdate, OutboxItem
from crm import interactions
from crm.access import Forbidden
from crm.models import ContactPoint, Event, Interaction, Message, User
from tests import paper


@pytest.fixture
def interaction(client: Client, letters: ChannelAccount) -> Interaction:
    """Giulia wrote; her acknowledgement is out of the way."""
    letters.acknowledgements = {}
    letters.save()
    paper.post(client, paper.GIULIA)
    return Interaction.objects.get()


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + dt.timedelta(minutes=minutes), tick=False)


@pytest.mark.django_db
def test_a_reply_leaves_with_everything_that_threads_it(interaction: Interaction, anna: User) -> None:
    message = replies.reply(interaction=interaction, text="Buongiorno, ci pensiamo noi.", actor=anna)
    assert message.state == "queued"
    sweep.sweep()
    message.refresh_from_db()
    (sheet,) = paper.posted
    assert message.state == "sent"
    assert (sheet.text, sheet.to, sheet.subject) == (
        "Buongiorno, ci pensiamo noi.",
        (Address("paper", "giulia", "Giulia Ferri"),),
        "TARI",
    )
    assert (sheet.references, sheet.external_id) == (("g-1",), message.external_id)
    assert tags.open(sheet.tag) == interaction.pk


@pytest.mark.django_db
def test_the_same_draft_sent_twice_is_one_message(interaction: Interaction, anna: User) -> None:
    first = replies.reply(interaction=interaction, text="Eccomi.", actor=anna, client_id="c-1")
    again = replies.reply(interaction=interaction, text="Eccomi.", actor=anna, client_id="c-1")
    sweep.sweep()
    assert first == again
    assert len(paper.posted) == 1


@pytest.mark.django_db
def test_a_reply_on_a_stale_screen_is_refused_and_nothing_is_queued(
    interaction: Interaction, anna: User, bruno: User
) -> None:
    seen = interaction.version
    interactions.note(interaction=interaction, text="Ci penso io.", actor=bruno)
    with pytest.raises(interactions.StaleView) as refused:
        replies.reply(interaction=interaction, text="Eccomi.", actor=anna, based_on=seen)
    assert refused.value.interaction.version == seen + 1
    assert OutboxItem.objects.count() == 0


@pytest.mark.django_db
def test_people_of_another_office_can_not_answer(interaction: Interaction, carla: User) -> None:
    with pytest.raises(Forbidden):
        replies.reply(interaction=interaction, text="Eccomi.", actor=carla)


@pytest.mark.django_db
def test_what_the_channel_can_not_take_is_said_before_it_is_queued(interaction: Interaction, anna: User) -> None:
    for text in ("   ", "x" * 2001):
        with pytest.raises(replies.CannotReply):
            replies.reply(interaction=interaction, text=text, actor=anna)
    interactions.close(interaction=interaction, actor=anna)
    with pytest.raises(interactions.AlreadyClosed):
        replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    assert OutboxItem.objects.count() == 0


@pytest.mark.django_db
def test_a_passing_failure_is_tried_again_with_growing_pauses(interaction: Interaction, anna: User) -> None:
    paper.trouble[:] = [SendError("The post office is closed."), SendError("Still closed.")]
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    sweep.sweep()
    sweep.sweep()  # not due yet
    assert (OutboxItem.objects.get().attempts, paper.posted) == (1, [])
    with later(1):
        sweep.sweep()
    with later(10):
        sweep.sweep()
    message.refresh_from_db()
    assert (message.state, len(paper.posted)) == ("sent", 1)
    assert [dispatch.pause(n).total_seconds() for n in (1, 2, 3, 20)] == [10, 20, 40, 4 * 3600]


@pytest.mark.django_db
def test_a_final_failure_is_shown_with_its_reason_and_can_be_tried_again(interaction: Interaction, anna: User) -> None:
    paper.trouble[:] = [SendError("Nobody lives there.", permanent=True)]
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    sweep.sweep()
    message.refresh_from_db()
    assert (message.state, message.state_reason) == ("failed", "Nobody lives there.")
    replies.retry(message=message, actor=anna)
    sweep.sweep()
    message.refresh_from_db()
    assert (message.state, len(paper.posted)) == ("sent", 1)
    with pytest.raises(replies.CannotReply):
        replies.retry(message=message, actor=anna)


@pytest.mark.django_db
def test_a_lost_answer_is_doubted_and_never_sent_again_unasked(interaction: Interaction, anna: User) -> None:
    paper.lost_answers.append("No answer came.")
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    for minutes in (0, 5, 60, 600, 6000):
        with later(minutes):
            sweep.sweep()
    message.refresh_from_db()
    assert (message.state, len(paper.posted)) == ("unknown", 1)


@pytest.mark.django_db
def test_a_lost_answer_is_looked_up_where_the_provider_can_be_asked(interaction: Interaction, anna: User) -> None:
    paper.lost_answers.append("No answer came.")
    paper.can_look_up[0] = True
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    sweep.sweep()
    sweep.sweep()
    message.refresh_from_db()
    assert (message.state, len(paper.posted)) == ("sent", 1)


@pytest.mark.django_db
def test_what_certainly_did_not_leave_is_sent_after_all(interaction: Interaction, anna: User) -> None:
    paper.trouble[:] = [SendError("The line broke.", ambiguous=True)]
    paper.can_look_up[0] = True
    replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    for _round in range(3):
        sweep.sweep()
    assert len(paper.posted) == 1


@pytest.mark.django_db
def test_an_adapter_that_trips_leaves_a_doubt_and_no_second_copy(interaction: Interaction, anna: User) -> None:
    paper.trouble[:] = [KeyError("x")]
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    sweep.sweep()
    message.refresh_from_db()
    assert message.state == "unknown"


@pytest.mark.django_db
def test_what_the_citizen_has_is_neither_sent_again_nor_taken_back(interaction: Interaction, anna: User) -> None:
    paper.lost_answers.append("No answer came.")
    paper.can_look_up[0] = True
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    dispatch.dispatch(OutboxItem.objects.get().pk)
    states.apply(
        account="carta", update=DeliveryUpdate(state="read", external_id=message.external_id), at=timezone.now()
    )
    with pytest.raises(replies.CannotReply):
        replies.retry(message=message, actor=anna)
    paper.posted[:] = []  # the provider's list is short: it would say that it never had it
    for _round in range(3):
        sweep.sweep()
    message.refresh_from_db()
    assert (message.state, paper.posted, OutboxItem.objects.get().state) == ("read", [], "done")


@pytest.mark.django_db
def test_a_message_that_arrived_after_a_refusal_does_not_leave_a_second_time(
    interaction: Interaction, anna: User
) -> None:
    paper.trouble[:] = [SendError("Busy.")]
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    sweep.sweep()
    states.advance(message=message, state="delivered")
    with later(10):
        sweep.sweep()
    assert (paper.posted, OutboxItem.objects.get().state) == ([], "done")


@pytest.mark.django_db
def test_a_lost_file_stops_one_message_and_not_the_outbox(interaction: Interaction, anna: User) -> None:
    at = timezone.now()
    file = store.keep(name="modulo.txt", content=[b"Nome e cognome"], limit=100, at=at)
    file.save()
    first = replies.reply(interaction=interaction, text="Il modulo.", actor=anna, attachments=[file])
    store.path_of(file).unlink()
    replies.reply(interaction=interaction, text="Ci sentiamo.", actor=anna)
    sweep.sweep()
    first.refresh_from_db()
    assert [sheet.text for sheet in paper.posted] == ["Ci sentiamo."]
    assert OutboxItem.objects.get(message=first).state == "waiting"  # nothing left, so it may be tried again


@pytest.mark.django_db
def test_one_doubt_that_can_not_be_cleared_leaves_the_others_their_turn(
    interaction: Interaction, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper.lost_answers[:] = ["No answer came.", "No answer came."]
    for text in ("Uno.", "Due."):
        replies.reply(interaction=interaction, text=text, actor=anna)
    asked: list[str] = []

    def find(self: paper.Adapter, outbound: OutboundMessage) -> Receipt:
        asked.append(outbound.text)
        raise KeyError("the provider's answer is not what it was")

    monkeypatch.setattr(paper.Adapter, "find", find)
    sweep.sweep()
    assert sorted(asked) == ["Due.", "Uno."]


@pytest.mark.django_db
def test_only_one_worker_gets_an_item(interaction: Interaction, anna: User) -> None:
    replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    item = OutboxItem.objects.get()
    now = timezone.now()
    assert dispatch.lease(item.pk, now) is not None
    assert dispatch.lease(item.pk, now) is None


@pytest.mark.django_db
def test_a_worker_that_comes_back_from_the_dead_can_not_settle(interaction: Interaction, anna: User) -> None:
    replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    ghost = dispatch.lease(OutboxItem.objects.get().pk, timezone.now())
    assert ghost is not None
    with later(10):
        sweep.sweep()  # its lease ran out: doubtful, since paper can't be asked
        dispatch.settle(ghost, Receipt(external_id="late"))
    assert OutboxItem.objects.get().state == "unknown"
    assert Message.objects.get(direction="out").external_id != "late"


@pytest.mark.django_db
def test_nothing_is_sent_inside_a_transaction(
    interaction: Interaction, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    depth: list[int] = []
    outer = len(connection.savepoint_ids)
    send = paper.Adapter.send

    def watched(self: paper.Adapter, outbound: OutboundMessage) -> Receipt:
        depth.append(len(connection.savepoint_ids) - outer)
        return send(self, outbound)

    monkeypatch.setattr(paper.Adapter, "send", watched)
    replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    sweep.sweep()
    assert depth == [0]


NEWS = ("sent", "delivered", "read", "failed")


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(itertools.permutations(NEWS)))
def test_news_in_any_order_ends_in_the_same_state(interaction: Interaction, anna: User, order: tuple[str, ...]) -> None:
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    for state in order:
        message.refresh_from_db()
        states.advance(message=message, state=state)
    message.refresh_from_db()
    assert message.state == "read"


@pytest.mark.django_db
def test_news_that_overtakes_our_own_receipt_is_matched_afterwards(
    interaction: Interaction, anna: User, client: Client
) -> None:
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    Message.objects.filter(pk=message.pk).update(external_id="")  # a provider that gives the id itself
    update = DeliveryUpdate(state="delivered", external_id=message.external_id)
    states.apply(account="carta", update=update, at=timezone.now())
    assert EarlyUpdate.objects.count() == 1
    item = dispatch.lease(OutboxItem.objects.get().pk, timezone.now())
    assert item is not None
    dispatch.settle(item, Receipt(external_id=message.external_id))
    message.refresh_from_db()
    assert (message.state, EarlyUpdate.objects.count()) == ("delivered", 0)


@pytest.mark.django_db
def test_a_dead_address_is_remembered(interaction: Interaction, anna: User) -> None:
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    update = DeliveryUpdate(state="failed", external_id=message.external_id, reason="No such user.", address_dead=True)
    states.apply(account="carta", update=update, at=timezone.now())
    assert ContactPoint.objects.get().dead_since is not None


@pytest.mark.django_db
def test_how_far_the_citizen_read_only_moves_forward(interaction: Interaction, anna: User) -> None:
    for text in ("Uno.", "Due."):
        replies.reply(interaction=interaction, text=text, actor=anna)
    assert states.reach(interaction=interaction, seq=3, state="read")
    assert not states.reach(interaction=interaction, seq=2, state="read")
    assert not states.reach(interaction=interaction, seq=99, state="read")  # nobody read what was never said
    interaction.refresh_from_db()
    assert interaction.read_seq == 3
    assert set(Message.objects.filter(direction="out").values_list("state", flat=True)) == {"read"}


@pytest.mark.django_db
def test_every_step_is_a_fact(interaction: Interaction, anna: User) -> None:
    replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    sweep.sweep()
    names = list(Event.objects.filter(name__startswith="message.").order_by("id").values_list("name", flat=True))
    assert names == ["message.received", "message.queued", "message.sending", "message.sent"]


@pytest.mark.django_db
def test_a_letter_leaves_without_a_conversation(letters: ChannelAccount) -> None:
    letter_verbs.post(
        account=letters, to=Address("mailto", "giulia@posta.example"), subject="Trascrizione", text="Anna: Buongiorno."
    )
    sweep.sweep()
    (sheet,) = paper.posted
    assert (sheet.to[0].value, sheet.automatic, Message.objects.count()) == ("giulia@posta.example", True, 0)
    assert OutboxItem.objects.get().payload == {}  # somebody's words and address have no business here any more


@pytest.mark.django_db
def test_a_channel_switched_off_sends_nothing_and_says_so(interaction: Interaction, anna: User) -> None:
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    ChannelAccount.objects.update(enabled=False)
    sweep.sweep()
    message.refresh_from_db()
    assert (message.state, paper.posted) == ("failed", [])


@pytest.mark.django_db
def test_files_go_along(interaction: Interaction, anna: User) -> None:
    modulo = store.keep(name="modulo.txt", content=[b"Nome:"], limit=100, at=timezone.now())
    modulo.save()
    replies.reply(interaction=interaction, text="Ecco il modulo.", actor=anna, attachments=[modulo])
    sweep.sweep()
    assert [(file.name, file.body) for file in paper.posted[0].files] == [("modulo.txt", b"Nome:")]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_gone_loses_nothing(
    interaction: Interaction, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError("no broker")

    monkeypatch.setattr("contactcenter.outbox.hints.current_app.send_task", refuse)
    for number in range(300):
        replies.reply(interaction=interaction, text=f"Numero {number}", actor=anna)
    assert paper.posted == []
    rounds: Callable[[], int] = sweep.sweep
    while rounds():
        pass
    assert sorted(sheet.text for sheet in paper.posted) == sorted(f"Numero {number}" for number in range(300))


@pytest.mark.django_db
def test_what_a_channel_can_not_reach_leaves_through_the_account_it_names(
    interaction: Interaction, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = ChannelAccount.objects.get()
    monkeypatch.setattr(paper.Adapter, "can_reach", lambda self, scheme: self.account.slug == "posta")
    with pytest.raises(replies.CannotReply):
        replies.account_for(interaction)
    post = ChannelAccount.objects.create(slug="posta", kind="paper", name="Posta", office=own.office, queue=own.queue)
    ChannelAccount.objects.filter(pk=own.pk).update(reply_through=post)
    assert replies.account_for(interaction) == post
    message = replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    assert OutboxItem.objects.get().account == post
    update = DeliveryUpdate(state="failed", external_id=message.external_id, reason="No such user.")
    states.apply(account="posta", update=update, at=timezone.now())  # its bounces come to the account that sent it
    message.refresh_from_db()
    assert (message.state, message.state_reason) == ("failed", "No such user.")
