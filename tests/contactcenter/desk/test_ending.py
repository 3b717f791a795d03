"""How a conversation ends and begins again: what a queue wants to know, reopening, spam, and addresses that are blocked."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from contactcenter.live import heads
from contactcenter.queues import filling_in, presence, reopening, work_items
from contactcenter.queues.filling_in import FilledIn
from contactcenter.queues.models import Queue, WorkItem
from contactcenter.queues.records import NotYours
from contactcenter.queues.wrap_up import NotFilledIn
from crm import access, blocks, interactions
from crm.interactions import GoesOnElsewhere, StillOpen
from crm.models import AuditEntry, ContactPoint, Event, Interaction, Message, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, take
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def asking(town: Town) -> Queue:
    """The front office wants to know what came of it, out of two, and what it was about."""
    Queue.objects.filter(pk=town.front_queue.pk).update(
        wrap_up_needs=["outcome", "topic"],
        outcomes=[
            {"key": "risolto", "names": {"it": "risolto", "en": "solved"}},
            {"key": "fwd", "names": {"it": "inoltrato"}},
        ],
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
    assert '<option value="risolto" selected>solved</option>' in html
    with_anna.refresh_from_db()
    assert with_anna.is_open


def test_another_outcome_than_those_of_the_queue_is_refused(
    asking: Queue, with_anna: Interaction, desk: Client
) -> None:
    status, html = close(desk, with_anna, outcome="boh", topic="tari-rimborso")
    assert status == 422
    assert "Choose one of these: solved, inoltrato." in html


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


def test_an_outcome_is_read_in_everybodys_own_language_and_kept_under_its_key(
    asking: Queue, with_anna: Interaction, desk: Client, anna: User, town: Town
) -> None:
    assert (
        '<option value="risolto">solved</option>' in desk.get(at(with_anna, "closing/"), headers=PART).content.decode()
    )
    item = WorkItem.objects.get()
    work_items.finish(item=item, actor=anna, outcome="Solved", topic=town.refund)  # a macro writes words
    assert item.outcome == "risolto"
    assert Event.objects.get(name="item.done").data["outcome"] == "risolto"
    assert re.search(
        "closed by Anna Bianchi at [^:]*[:0-9]*[^:]*: solved", desk.get(at(with_anna), headers=PART).content.decode()
    )


def test_a_note_is_wanted_and_one_written_meanwhile_is_enough(
    with_anna: Interaction, desk: Client, anna: User, town: Town
) -> None:
    Queue.objects.filter(pk=town.front_queue.pk).update(wrap_up_needs=["note"])
    status, html = close(desk, with_anna)
    assert status == 422
    assert "Write a note for colleagues: Accoglienza wants one." in html
    assert 'name="note"' in html
    assert close(desk, with_anna, note="Richiamare dopo il 5.")[0] == 200
    written = Message.objects.get(direction="note")
    assert (written.text, written.author) == ("Richiamare dopo il 5.", anna)


def test_a_note_from_before_it_was_taken_does_not_count(with_anna: Interaction, anna: User, town: Town) -> None:
    Queue.objects.filter(pk=town.front_queue.pk).update(wrap_up_needs=["note"])
    interactions.note(
        interaction=with_anna, text="Vecchia", actor=anna, at=WorkItem.objects.get().queued_at - dt.timedelta(hours=1)
    )
    with pytest.raises(NotFilledIn):
        work_items.finish(item=WorkItem.objects.get(), actor=anna)
    interactions.note(interaction=with_anna, text="Nuova", actor=anna)
    work_items.finish(item=WorkItem.objects.get(), actor=anna)


# --- when the clock was quicker ---


@pytest.fixture
def ran_out(asking: Queue, with_anna: Interaction, anna: User) -> Interaction:
    """Closed by Anna for wrapping up, and nobody filled anything in within the minute."""
    Queue.objects.filter(pk=asking.pk).update(wrap_up_seconds=60)
    work_items.close_for_wrap_up(item=WorkItem.objects.get(), actor=anna)
    work_items.end_wrap_ups(timezone.now() + dt.timedelta(seconds=61))
    with_anna.refresh_from_db()
    return with_anna


def test_what_the_clock_ended_is_marked_and_shown_to_whoever_had_it(ran_out: Interaction, desk: Client) -> None:
    item = WorkItem.objects.get()
    assert (item.state, item.unfilled) == ("done", True)
    assert Event.objects.get(name="item.unfilled").data == {"fields": ["outcome", "topic"]}
    lists = desk.get("/desk/").content.decode()
    assert "Not filled in" in lists
    assert 'class="noted">not filled in' in lists
    page = desk.get(at(ran_out), headers=PART).content.decode()
    assert "the time to wrap up ran out" in page
    assert 'data-key="w"' in page
    only = desk.get("/desk/", {"which": "unfilled"})
    assert [row.public_id for row in only.context["unfilled"]] == [str(ran_out.public_id)]


def test_it_is_filled_in_afterwards(ran_out: Interaction, desk: Client, anna: User, town: Town) -> None:
    assert "Fill in what was left open" in desk.get(at(ran_out, "closing/"), headers=PART).content.decode()
    status, html = close(desk, ran_out, outcome="risolto")
    assert status == 422
    assert "Not finished yet." in html
    before = heads.now([f"person.{anna.public_id}"])
    assert close(desk, ran_out, outcome="risolto", topic="tari-rimborso")[0] == 200
    item = WorkItem.objects.get()
    assert (item.outcome, item.unfilled) == ("risolto", False)
    assert Event.objects.get(name="item.filled_in").data == {"outcome": "risolto"}
    assert AuditEntry.objects.filter(action="item.filled_in", actor=anna).exists()
    assert heads.now([f"person.{anna.public_id}"]) != before
    ran_out.refresh_from_db()
    assert (ran_out.topic, ran_out.is_open) == (town.refund, False)
    page = desk.get(at(ran_out), headers=PART).content.decode()
    assert "filled in by Anna Bianchi" in page
    with pytest.raises(FilledIn):
        filling_in.fill_in(item=item, actor=anna, outcome="risolto")


def test_a_colleague_is_not_asked_and_a_manager_may_help_out(
    ran_out: Interaction, bruno: User, diego: User, sign_in: SignIn, town: Town
) -> None:
    his = sign_in(bruno)
    assert "Not filled in" not in his.get("/desk/").content.decode()
    assert 'data-key="w"' not in his.get(at(ran_out), headers=PART).content.decode()
    with pytest.raises(NotYours):
        filling_in.fill_in(item=WorkItem.objects.get(), actor=bruno, outcome="risolto", topic=town.refund)
    assert close(sign_in(diego), ran_out, outcome="fwd", topic="tari-rimborso")[0] == 200
    assert not WorkItem.objects.get().unfilled


def test_nothing_is_marked_where_nothing_was_wanted_or_all_of_it_was_said(
    with_anna: Interaction, anna: User, town: Town
) -> None:
    Queue.objects.filter(pk=town.front_queue.pk).update(wrap_up_seconds=60, wrap_up_needs=["topic"])
    interactions.set_topic(interaction=with_anna, topic=town.refund, actor=anna)
    work_items.close_for_wrap_up(item=WorkItem.objects.get(), actor=anna)
    work_items.end_wrap_ups(timezone.now() + dt.timedelta(seconds=61))
    assert not WorkItem.objects.get().unfilled


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
