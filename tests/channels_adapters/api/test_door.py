"""The whole way through the house: signed in by /hooks/<account>/, answered by an agent, taken by the program."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from channels_adapters.http import sign
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.models import RawDelivery
from contactcenter.outbox import replies, sweep
from contactcenter.outbox.models import OutboxItem
from crm.models import Interaction, Message, User
from tests.channels_adapters.api.conftest import SECRET
from tests.channels_adapters.loopback import Loopback
from tests.people import Town

Post = Callable[..., Any]
GIULIA = {"id": "m-1", "from": {"id": "u-17", "name": "Giulia Ferri"}, "text": "Quando apre l'anagrafe?"}
NOW = 1795424400


@pytest.fixture
def form(town: Town, program: Loopback) -> ChannelAccount:
    """The town's web form, which can be asked what it received."""
    program.replies["/in"] = (200, {}, b'{"id": "p-1"}')
    return accounts.create(
        slug="modulo-web", kind="api", name="Modulo web", queue=town.front_queue, actor=None,
        settings={"secret": SECRET, "callback_url": program.url("/in"), "lookup": True},
    )  # fmt: skip


@pytest.fixture
def post(client: Client) -> Post:
    def posted(document: Any, secret: str = SECRET, at: int = NOW) -> Any:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        headers = {"Sportello-Timestamp": str(at), "Sportello-Signature": f"v1={sign(secret, str(at), body)}"}
        with time_machine.travel(NOW + 1, tick=False):
            return client.post("/hooks/modulo-web/", body, content_type="application/json", headers=headers)

    return posted


def test_what_a_program_brings_waits_in_the_queue(form: ChannelAccount, post: Post) -> None:
    answer = post({"messages": [GIULIA]})
    interaction = Interaction.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {"outcomes": [{"outcome": "recorded", "interaction": str(interaction.public_id), "seq": 1}]}
    assert interaction.contact_point is not None
    assert interaction.contact_point.scheme == "external.modulo-web"
    assert interaction.work_items.get().state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_a_replay_is_answered_alike_and_stored_once(form: ChannelAccount, post: Post) -> None:
    first, again = post({"messages": [GIULIA]}), post({"messages": [GIULIA]})
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["outcomes"] == [{**first.json()["outcomes"][0], "outcome": "duplicate"}]
    assert (RawDelivery.objects.count(), Message.objects.count()) == (1, 1)


def test_a_repeat_signed_anew_is_recognised_by_the_messages_own_id(form: ChannelAccount, post: Post) -> None:
    post({"messages": [GIULIA]}, at=NOW)
    answer = post({"messages": [GIULIA, {**GIULIA, "id": "m-2"}]}, at=NOW + 1)
    assert [outcome["outcome"] for outcome in answer.json()["outcomes"]] == ["duplicate", "recorded"]
    assert Message.objects.count() == 2


@pytest.mark.parametrize("secret, at", [("a wrong secret that is long", NOW), (SECRET, NOW - 301), (SECRET, NOW + 302)])
def test_wrongly_signed_or_stale_is_403_and_nothing_is_stored(
    form: ChannelAccount, post: Post, secret: str, at: int
) -> None:
    assert post({"messages": [GIULIA]}, secret, at).status_code == 403
    assert not RawDelivery.objects.exists()


def test_without_a_secret_nothing_is_admitted(form: ChannelAccount, post: Post) -> None:
    form.secrets = ""
    form.save()
    assert post({"messages": [GIULIA]}, "").status_code == 403
    assert not RawDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_understood_is_kept_and_the_program_reads_why(form: ChannelAccount, post: Post) -> None:
    answer = post({"messages": [{**GIULIA, "txt": "?"}]})
    assert answer.status_code == 422
    assert "messages[0].txt" in answer.json()["outcomes"][0]["reason"]
    assert RawDelivery.objects.get().state == "undeliverable"
    assert post({"messages": [{**GIULIA, "txt": "?"}]}).status_code == 422


@pytest.fixture
def answered(form: ChannelAccount, post: Post, anna: User) -> Message:
    post({"messages": [GIULIA]})
    return replies.reply(interaction=Interaction.objects.get(), text="Apre alle 9.", actor=anna)


def test_the_answer_reaches_the_program_and_its_state_comes_back(
    answered: Message, program: Loopback, post: Post
) -> None:
    sweep.sweep()
    told = json.loads(program.seen[0].body)
    assert (told["text"], told["answers"], told["to"]) == (
        "Apre alle 9.",
        "m-1",
        [{"id": "u-17", "name": "Giulia Ferri"}],
    )
    answered.refresh_from_db()
    assert (answered.state, answered.external_id) == ("sent", "p-1")
    post({"states": [{"id": "p-1", "state": "read"}]})
    answered.refresh_from_db()
    assert answered.state == "read"


def test_an_answer_to_ours_joins_its_conversation(answered: Message, program: Loopback, post: Post) -> None:
    sweep.sweep()
    tag = json.loads(program.seen[0].body)["tag"]
    post({"messages": [{**GIULIA, "id": "m-2", "answers": "p-1"}]})
    post({"messages": [{**GIULIA, "id": "m-3", "tag": tag}]}, at=NOW + 1)
    assert Interaction.objects.count() == 1
    assert Message.objects.filter(direction="in").count() == 3


def test_a_lost_answer_is_looked_up_and_not_sent_twice(
    answered: Message, program: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program took it, but its answer broke off: Content-Length promises more than comes."""
    program.replies["/in"] = (200, {"Content-Length": "500"}, b'{"id": "p-1"}')
    monkeypatch.setattr("channels_adapters.api.adapter.TIMEOUT", 0.3)
    sweep.sweep()
    answered.refresh_from_db()
    assert answered.state == "unknown"
    program.replies["/in"] = (200, {}, b'{"id": "p-1"}')
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        sweep.sweep()
    answered.refresh_from_db()
    assert (answered.state, answered.external_id) == ("sent", "p-1")
    assert [seen.method for seen in program.seen].count("POST") == 1
    assert OutboxItem.objects.get().state == "done"
