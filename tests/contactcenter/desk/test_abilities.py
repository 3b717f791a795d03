"""The composer shows what its channel can do, and the house refuses what it can't."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.test import Client

from contactcenter.outbox import compose, replies
from contactcenter.outbox.models import OutboxItem
from contactcenter.outbox.replies import CannotReply
from crm.models import Interaction, Message, User
from tests import paper
from tests.contactcenter.desk.conftest import PART, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "in_english")]


def able(monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    monkeypatch.setattr(paper.Adapter, "abilities", dataclasses.replace(paper.Adapter.abilities, **more))


def shown(desk: Client, interaction: Interaction) -> str:
    return desk.get(at(interaction), headers=PART).content.decode()


def reply(interaction: Interaction, anna: User, **more: Any) -> Message:
    return replies.reply(interaction=interaction, text="Le rimborsiamo tutto", actor=anna, **more)


def test_an_answer_may_have_a_subject_of_its_own_and_stays_in_its_thread(
    desk: Client, with_anna: Interaction, anna: User
) -> None:
    assert 'name="subject"' in shown(desk, with_anna)
    sent = reply(with_anna, anna, subject="Rimborso TARI")
    leaving = compose.outbound(OutboxItem.objects.get(message=sent))
    assert (leaving.subject, leaving.thread) == ("Rimborso TARI", with_anna.thread)
    assert "Rimborso TARI" in shown(desk, with_anna)


def test_the_same_subject_is_not_said_twice(with_anna: Interaction, anna: User) -> None:
    assert reply(with_anna, anna, subject="TARI").subject == ""


def test_a_channel_without_subjects_asks_for_none(
    desk: Client, with_anna: Interaction, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    able(monkeypatch, subject=False)
    assert 'name="subject"' not in shown(desk, with_anna)
    assert reply(with_anna, anna, subject="Rimborso").subject == ""


def test_short_messages_are_counted_where_the_channel_sends_them(
    desk: Client, with_anna: Interaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "data-segments" not in shown(desk, with_anna)
    able(monkeypatch, segments=True)
    assert 'data-segments="COUNT SMS' in shown(desk, with_anna)


def test_the_window_says_until_when_and_closes(
    desk: Client, with_anna: Interaction, anna: User, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    assert "You can answer here until" not in shown(desk, with_anna)
    able(monkeypatch, reply_within=dt.timedelta(hours=24))
    assert "You can answer here until" in shown(desk, with_anna)
    assert "tomorrow, 10:00" in shown(desk, with_anna)
    with pytest.raises(CannotReply):
        reply(with_anna, anna, send_at=now + dt.timedelta(hours=25))
    Message.objects.filter(interaction=with_anna, direction="in").update(created_at=now - dt.timedelta(hours=25))
    assert "The time to answer here is over" in shown(desk, with_anna)
    with pytest.raises(CannotReply) as refused:
        reply(with_anna, anna)
    assert "Answer on another one" in str(refused.value)
