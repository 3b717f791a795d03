"""The demo town: a week that the real verbs could have written, made once and never in a real office."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from channels_adapters.contract import Address, InboundMessage, Receipt
from contactcenter.accounts.models import ChannelAccount
from contactcenter.demo_street.town import furnishing, scripts, week
from contactcenter.intake import receive
from contactcenter.outbox import dispatch, replies
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues import work_items
from contactcenter.queues.models import Queue, WorkItem
from crm import access, audit, cases, interactions
from crm.models import AuditEntry, Case, CaseNumber, Citizen, ContactPoint, Event, Grant, Interaction, Message, User


@pytest.fixture
def roccaverde(db: None, now: Any) -> None:
    furnishing.furnish()


def demo() -> str:
    said = StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


def test_the_town_has_its_people_with_the_password_everybody_may_know(roccaverde: None) -> None:
    people = {user.username: user for user in User.objects.filter(is_demo=True)}
    assert sorted(people) == ["ada", "anna", "bruno", "carla", "diego"]
    assert people["anna"].check_password("demo")
    assert access.roles(people["carla"]) == {"back-office"}
    assert access.roles(people["ada"]) == {"administrator"}


def test_agents_see_the_offices_they_work_for_only(roccaverde: None) -> None:
    bruno = User.objects.get(username="bruno")
    offices = set(access.visible(bruno, Interaction.objects.all()).values_list("office__slug", flat=True))
    assert offices == {"accoglienza", "polizia-locale", "ambiente"}
    assert not access.visible(User.objects.get(username="ada"), Interaction.objects.all()).exists()


def test_the_week_is_full_and_nothing_in_it_lies_in_the_future(roccaverde: None) -> None:
    now = timezone.now()
    assert Interaction.objects.count() >= 115
    assert len({exchange.slug for exchange in scripts.exchanges()}) >= 55
    assert not Event.objects.filter(at__gt=now).exists()
    assert not AuditEntry.objects.filter(at__gt=now).exists()
    assert not Message.objects.filter(created_at__gt=now).exists()
    days = {timezone.localtime(row.opened_at).date() for row in Interaction.objects.all()}
    assert len(days) >= 7


def test_some_contacts_wait_and_some_are_with_anna_and_bruno(roccaverde: None) -> None:
    open_items = WorkItem.objects.exclude(state__in=WorkItem.ENDED)
    waiting = open_items.filter(state=WorkItem.State.WAITING)
    assert 5 <= waiting.count() <= 8
    ages = sorted(timezone.now() - item.queued_at for item in waiting)
    assert ages[0] < timedelta(minutes=10)
    assert ages[-1] > timedelta(days=1)
    assert 2 <= open_items.filter(owner__username="anna").count() <= 3
    assert 1 <= open_items.filter(owner__username="bruno").count() <= 2


def test_what_was_closed_says_what_came_of_it(roccaverde: None) -> None:
    done = WorkItem.objects.filter(state=WorkItem.State.DONE)
    assert done.count() > 100
    assert not done.filter(outcome="").exists()
    assert not done.filter(interaction__status=Interaction.Status.OPEN).exists()
    assert not done.filter(ended_at__lt=F("claimed_at")).exists()


def test_no_mark_of_the_scripts_is_left_in_anybodys_words(roccaverde: None) -> None:
    left = [text for text in Message.objects.values_list("text", flat=True) if re.search(r"\{\w*\}", text)]
    assert left == []


def test_case_numbers_follow_the_order_of_opening(roccaverde: None) -> None:
    numbers = list(Case.objects.order_by("opened_at", "id").values_list("number", flat=True))
    assert numbers == sorted(numbers)
    assert numbers[0] == "2026-000001"
    anna = User.objects.get(username="anna")
    following = cases.open(subject="La prossima", office=Case.objects.all()[0].office, actor=anna)
    assert following.number == f"2026-{len(numbers) + 1:06d}"


def test_every_interaction_counts_its_messages(roccaverde: None) -> None:
    for row in Interaction.objects.prefetch_related("messages"):
        assert sorted(message.seq for message in row.messages.all()) == list(range(1, row.last_seq + 1))


def test_the_log_is_in_the_order_of_time_and_can_be_sealed(roccaverde: None) -> None:
    times = list(Event.objects.order_by("id").values_list("at", flat=True))
    assert times == sorted(times)
    while audit.seal():
        pass
    assert audit.verify() == []


def test_nothing_of_the_past_is_sent_again(roccaverde: None) -> None:
    assert set(OutboxItem.objects.values_list("state", flat=True)) == {OutboxItem.State.DONE}


def test_the_same_moment_makes_the_same_week(roccaverde: None) -> None:
    def told() -> list[tuple[object, ...]]:
        return list(Message.objects.order_by("id").values_list("created_at", "direction", "author_name", "text"))

    first = told()
    for model in (Event, AuditEntry, Interaction, Case, CaseNumber, ContactPoint, Citizen):
        model._default_manager.all().delete()
    week.happen(timezone.now())
    assert told() == first


def test_the_chat_is_open_at_any_hour_and_the_mail_room_is_not(roccaverde: None) -> None:
    assert Queue.objects.get(slug="chat").calendar is None
    office = Queue.objects.get(slug="posta").calendar
    assert office is not None
    assert "sun" not in office.week


def _facts(interaction: Interaction) -> list[str]:
    return list(interaction.events.order_by("id").values_list("name", flat=True))


def _looks(interaction: Interaction) -> list[str]:
    rows = AuditEntry.objects.filter(subject=f"interaction:{interaction.public_id}").order_by("id")
    return list(rows.values_list("action", flat=True))


@pytest.mark.django_db(transaction=True)
def test_the_week_tells_the_facts_that_the_real_verbs_tell(now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    furnishing.furnish()
    told = Interaction.objects.filter(account="mail", status="closed", last_seq=3).order_by("id")[0]
    real = _lived(monkeypatch, told.messages.get(seq=1).text)
    closing = {"case.closed", "case.resolved"}  # the story's own end, by another verb
    assert [name for name in _facts(told) if name not in closing] == _facts(real)
    assert _looks(told) == _looks(real)


def _lived(monkeypatch: pytest.MonkeyPatch, text: str) -> Interaction:
    """A mail that really comes in, is taken, read, answered and closed."""
    account = ChannelAccount.objects.select_related("queue__office", "office").get(slug="mail")
    monkeypatch.setattr(account.adapter_class, "send", lambda self, outbound: Receipt())
    sender = Address("mailto", "nuovo@posta.example", "Nuovo Cittadino")
    event = InboundMessage(external_id="<nuovo@posta.example>", sender=sender, text=text, subject="IMU", language="it")
    receive.receive(account=account, event=event, at=timezone.now())
    interaction = Interaction.objects.get(contact_point__value="nuovo@posta.example")
    _dispatch_all()
    anna = User.objects.get(username="anna")
    item = work_items.claim(item=WorkItem.objects.get(interaction=interaction), actor=anna)
    interactions.read(user=anna, public_id=interaction.public_id)
    replies.reply(interaction=interaction, text="Gentile cittadino, sì.", actor=anna)
    _dispatch_all()
    work_items.finish(item=item, actor=anna, outcome="Informazione data")
    return interaction


def _dispatch_all() -> None:
    for pk in OutboxItem.objects.filter(state=OutboxItem.State.WAITING).values_list("pk", flat=True):
        dispatch.dispatch(pk)


# --- the command ---


@pytest.mark.django_db
def test_demo_says_where_to_go_and_as_whom() -> None:
    said = demo()
    assert "119 conversations" in said
    assert "/demo/" in said
    assert re.search(r"anna\s+demo\s+Anna Conti", said)


@pytest.mark.django_db
def test_demo_twice_is_once() -> None:
    demo()
    before = Interaction.objects.count(), User.objects.count(), ChannelAccount.objects.count()
    assert "there already" in demo()
    assert (Interaction.objects.count(), User.objects.count(), ChannelAccount.objects.count()) == before


@pytest.mark.django_db
def test_production_gets_no_demo_town(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production installation"):
        demo()
    assert not User.objects.exists()


def test_a_database_with_real_people_gets_no_demo_town(anna: User) -> None:
    with pytest.raises(CommandError, match="Real people work"):
        demo()
    assert not Grant.objects.filter(user__is_demo=True).exists()
