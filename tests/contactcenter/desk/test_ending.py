"""How a conversation ends and begins again: what a queue wants to know, reopening, spam, and addresses that are blocked."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from contactcenter.queues import presence, reopening, work_items
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.queues.wrap_up import NotFilledIn
from crm import access, blocks
from crm.interactions import GoesOnElsewhere, StillOpen
from crm.models import AuditEntry, ContactPoint, Event, Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, take
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def asking(town: Town) -> Queue:
    """The front office wants to know what came of it, out of two, and what it was about."""
    Queue.objects.filter(pk=town.front_queue.pk).update(
        wrap_up_needs=["outcome", "topic"], outcomes=["risolto", "inoltrato"]
    )
    town.front_queue.refresh_from_db()
    return town.front_queue


def close(desk: Client, interaction: Interaction, **given: object) -> tuple[int, str]:
    interaction.refresh_from_db()
    answer = desk.post(at(interaction, "close/"), {"version": interaction.version, **given}, headers=PART)
    return answer.status_code, answer.content.decode()


# --- what a queue wants to know ---


def test_without_outcome_and_topic_it_is_not_closed_and_what_was_said_is_kept(
    asking: Queue, with_anna: Interaction, desk: Client
) -> None:
    status, html = close(desk, with_anna, outcome="risolto")
    assert status == 422
    assert "Choose what it was about: Accoglienza wants to know." in html
    assert "<option selected>risolto</option>" in html
    with_anna.refresh_from_db()
    assert with_anna.is_open


def test_another_outcome_than_those_of_the_queue_is_refused(
    asking: Queue, with_anna: Interaction, desk: Client
) -> None:
    status, html = close(desk, with_anna, outcome="boh", topic="tari-rimborso")
    assert status == 422
    assert "Choose one of these: risolto, inoltrato." in html


def test_outcome_and_topic_are_kept(asking: Queue, with_anna: Interaction, desk: Client, town: Town) -> None:
    assert close(desk, with_anna, outcome="risolto", topic="tari-rimborso")[0] == 200
    with_anna.refresh_from_db()
    assert (with_anna.is_open, with_anna.topic) == (False, town.refund)
    assert WorkItem.objects.get().outcome == "risolto"


def test_the_rule_is_the_verbs_and_not_the_pages(asking: Queue, with_anna: Interaction, anna: User) -> None:
    item = WorkItem.objects.get()
    with pytest.raises(NotFilledIn):
        work_items.finish(item=item, actor=anna)
    with pytest.raises(NotFilledIn):
        work_items.close_for_wrap_up(item=item, actor=anna)  # no time to wrap up: now or never


def test_whoever_has_time_to_wrap_up_says_it_then_and_when_it_runs_out_it_stays_unsaid(
    asking: Queue, with_anna: Interaction, anna: User, desk: Client
) -> None:
    Queue.objects.update(wrap_up_seconds=60)
    assert close(desk, with_anna, later="1")[0] == 200
    assert close(desk, with_anna)[0] == 422
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=61), tick=False):
        assert work_items.end_wrap_ups(timezone.now()) == 1
    assert WorkItem.objects.get().state == WorkItem.State.DONE


# --- reopening ---


def test_what_was_closed_too_early_is_mine_again_by_one_press(with_anna: Interaction, desk: Client, anna: User) -> None:
    close(desk, with_anna)
    page = desk.get(at(with_anna), headers=PART).content.decode()
    assert 'data-key="o"' in page
    answer = desk.post(at(with_anna, "reopen/"), headers=PART)
    assert answer.status_code == 200
    assert "data-mine" in answer.content.decode()
    assert "reopened by Anna Bianchi" in WorkItem.objects.latest("id").why


def test_without_room_it_waits_and_that_is_said(with_anna: Interaction, desk: Client, anna: User, write: Write) -> None:
    close(desk, with_anna)
    for number in range(5):
        take(write("Altro", who=f"altro{number}"), anna)
    answer = desk.post(at(with_anna, "reopen/"), headers=PART)
    assert "It is open again and waits in the queue" in answer.content.decode()
    assert WorkItem.objects.get(interaction=with_anna, state=WorkItem.State.WAITING)


def test_what_is_being_wrapped_up_is_simply_ones_own_again(with_anna: Interaction, desk: Client, anna: User) -> None:
    Queue.objects.update(wrap_up_seconds=60)
    close(desk, with_anna, later="1")
    assert reopening.reopen(interaction=with_anna, actor=anna) is True
    assert WorkItem.objects.get().state == WorkItem.State.CLAIMED


def test_what_is_open_is_not_reopened_and_a_newer_conversation_goes_first(
    write: Write, with_anna: Interaction, anna: User, desk: Client
) -> None:
    with pytest.raises(StillOpen):
        reopening.reopen(interaction=with_anna, actor=anna)
    close(desk, with_anna)
    newer = write("Di nuovo io")
    if newer.pk != with_anna.pk:
        with pytest.raises(GoesOnElsewhere):
            reopening.reopen(interaction=with_anna, actor=anna)


# --- spam ---


def test_spam_leaves_the_line_is_no_service_and_can_be_taken_back(
    giulia: Interaction, desk: Client, anna: User
) -> None:
    giulia.refresh_from_db()
    answer = desk.post(at(giulia, "spam/"), {"version": giulia.version}, headers=PART)
    assert answer.status_code == 200
    assert "Not spam: reopen" in answer.content.decode()
    assert WorkItem.objects.get().outcome == "spam"
    assert Event.objects.filter(name="item.discarded").count() == 1
    assert not Event.objects.filter(name="item.done").exists()
    desk.post(at(giulia, "reopen/"), headers=PART)
    giulia.refresh_from_db()
    assert (giulia.spam, giulia.is_open) == (False, True)


def test_what_a_colleague_has_is_not_put_away_under_their_hands(giulia: Interaction, desk: Client, bruno: User) -> None:
    take(giulia, bruno)
    giulia.refresh_from_db()
    assert desk.post(at(giulia, "spam/"), {"version": giulia.version}, headers=PART).status_code == 409
    giulia.refresh_from_db()
    assert giulia.is_open


# --- blocking ---


def block(desk: Client, interaction: Interaction, how_long: str = "week", why: str = "Minacce") -> int:
    return desk.post(at(interaction, "block/"), {"for": how_long, "why": why}, headers=PART).status_code


def test_a_blocked_address_is_kept_and_brings_nobody_work(
    with_anna: Interaction, write: Write, desk: Client, anna: User
) -> None:
    assert block(desk, with_anna) == 200
    page = desk.get(at(with_anna), headers=PART).content.decode()
    assert "Blocked by Anna Bianchi until" in page
    assert "Minacce" in page
    close(desk, with_anna)
    again = write("Vi trovo", thread="altro-filo")
    assert (again.is_open, again.awaiting_reply_since) == (False, None)
    assert again.messages.get(direction="in").text == "Vi trovo"
    assert not again.messages.filter(direction="out").exists()
    assert not WorkItem.objects.filter(interaction=again).exists()


def test_a_block_ends_by_itself(with_anna: Interaction, write: Write, desk: Client) -> None:
    block(desk, with_anna, "day")
    close(desk, with_anna)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, minutes=1), tick=False):
        again = write("Buongiorno", thread="altro-filo")
    assert WorkItem.objects.filter(interaction=again, state=WorkItem.State.WAITING).exists()


def test_anybody_of_the_office_lifts_it_and_all_of_it_is_recorded(
    with_anna: Interaction, desk: Client, bruno: User, sign_in: SignIn
) -> None:
    block(desk, with_anna)
    point = ContactPoint.objects.get(blocked_until__isnull=False)
    assert sign_in(bruno).post(at(with_anna, f"unblock/{point.pk}/"), headers=PART).status_code == 200
    point.refresh_from_db()
    assert (point.blocked_until, point.blocked_why) == (None, "")
    found = (
        AuditEntry.objects.filter(action__startswith="contact-point.").order_by("id").values_list("action", "purpose")
    )
    assert list(found) == [("contact-point.blocked", "Minacce"), ("contact-point.unblocked", "")]


def test_a_reason_is_asked_for_and_for_good_only_a_manager_blocks(
    with_anna: Interaction, desk: Client, diego: User, sign_in: SignIn
) -> None:
    assert block(desk, with_anna, why="  ") == 422
    assert block(desk, with_anna, how_long="good") == 422
    assert block(desk, with_anna, how_long="x") == 422
    assert not ContactPoint.objects.filter(blocked_until__isnull=False).exists()
    assert block(sign_in(diego), with_anna, how_long="good") == 200
    assert "until it is lifted" in desk.get(at(with_anna), headers=PART).content.decode()


def test_another_office_blocks_nobody_here(with_anna: Interaction, carla: User) -> None:
    point = with_anna.contact_point
    assert point is not None
    with pytest.raises(access.NotVisible):
        blocks.block(point=point, until=timezone.now() + dt.timedelta(days=1), why="x", actor=carla)
    assert presence.open_work(carla) == []
