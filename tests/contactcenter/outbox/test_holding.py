"""Words that wait before they leave, and how they are taken back or hurried."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from contactcenter.outbox import holding, replies, states, sweep
from contactcenter.outbox.dispatch import lease
from contactcenter.outbox.models import OutboxItem
from crm import access
from crm.models import AuditEntry, Event, Interaction, Message, User
from tests import paper
from tests.contactcenter.desk.conftest import giulia, take, write

__all__ = ["giulia", "write"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def held(now: dt.datetime, giulia: Interaction, anna: User) -> Message:
    """Anna's answer to Giulia; it leaves in ten seconds."""
    take(giulia, anna)
    giulia.refresh_from_db()
    message = replies.reply(interaction=giulia, text="Le rimborsiamo tutto", actor=anna, send_at=now + holding.UNDO)
    return Message.objects.select_related("interaction__citizen").get(pk=message.pk)


def sent() -> list[str]:
    return [outbound.text for outbound in paper.posted if not outbound.automatic]


def later(now: dt.datetime, **more: int) -> time_machine.travel:
    return time_machine.travel(now + dt.timedelta(**more), tick=False)


def test_nothing_leaves_before_its_moment_and_the_sweeper_sends_it_then(held: Message, now: dt.datetime) -> None:
    with later(now, seconds=9):
        sweep.sweep()
    assert sent() == []
    with later(now, seconds=10):
        sweep.sweep()
        sweep.sweep()
    assert sent() == ["Le rimborsiamo tutto"]


def test_what_was_taken_back_is_never_sent(held: Message, anna: User, now: dt.datetime) -> None:
    holding.withdraw(message=held, actor=anna)
    with later(now, days=2):
        sweep.sweep()
    assert sent() == []
    held.refresh_from_db()
    assert held.state == "withdrawn"
    assert Event.objects.filter(name="message.withdrawn", interaction=held.interaction, actor=anna).count() == 1
    assert AuditEntry.objects.filter(action="message.withdrawn", actor=anna).count() == 1


def test_the_citizen_waits_again_since_their_own_first_word(
    held: Message, giulia: Interaction, anna: User, now: dt.datetime
) -> None:
    giulia.refresh_from_db()
    assert giulia.awaiting_reply_since is None
    holding.withdraw(message=held, actor=anna)
    giulia.refresh_from_db()
    assert giulia.awaiting_reply_since == now
    assert giulia.preview.startswith("Ho pagato due volte")


def test_what_a_worker_has_taken_is_not_taken_back(held: Message, anna: User, now: dt.datetime) -> None:
    with later(now, seconds=11):
        assert lease(OutboxItem.objects.get(message=held).pk, timezone.now()) is not None
        with pytest.raises(holding.TooLate, match="has left already"):
            holding.withdraw(message=held, actor=anna)
    held.refresh_from_db()
    assert held.state == "queued"


def test_taking_back_twice_is_told(held: Message, anna: User) -> None:
    holding.withdraw(message=held, actor=anna)
    with pytest.raises(holding.TooLate):
        holding.withdraw(message=held, actor=anna)


def test_what_was_taken_back_is_not_hurried(held: Message, anna: User) -> None:
    holding.withdraw(message=held, actor=anna)
    with pytest.raises(holding.TooLate):
        holding.send_now(message=held, actor=anna)


def test_hurried_words_leave_at_once(held: Message, anna: User) -> None:
    OutboxItem.objects.filter(message=held).update(next_attempt_at=timezone.now() + dt.timedelta(days=3))
    holding.send_now(message=held, actor=anna)
    sweep.sweep()
    assert sent() == ["Le rimborsiamo tutto"]


def test_a_colleague_decides_nothing_about_my_words_but_a_manager_does(held: Message, bruno: User, diego: User) -> None:
    with pytest.raises(access.Forbidden, match="A colleague wrote this"):
        holding.withdraw(message=held, actor=bruno)
    holding.withdraw(message=held, actor=diego)


def test_a_late_receipt_never_brings_back_what_was_taken_back(held: Message, anna: User) -> None:
    holding.withdraw(message=held, actor=anna)
    for state in ("sent", "failed", "delivered", "read"):
        assert not states.advance(message=held, state=state)


@pytest.mark.parametrize(
    "away, words",
    [(dt.timedelta(0), "has passed"), (dt.timedelta(days=-1), "has passed"), (dt.timedelta(days=400), "a year away")],
)
def test_a_moment_that_is_none_is_refused_in_words(now: dt.datetime, away: dt.timedelta, words: str) -> None:
    with pytest.raises(holding.BadMoment, match=words):
        holding.check_moment(now + away, now)
