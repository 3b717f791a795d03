"""Our answers leave to a real server; it checks the signature as docs/api.md says."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable

import pytest
from pytest_django import Settings as DjangoSettings

from channels_adapters.api.adapter import Adapter
from channels_adapters.contract import Address, OutboundFile, OutboundMessage, SendError, Unsupported
from tests.channels_adapters.api.conftest import SECRET
from tests.channels_adapters.loopback import Loopback, Seen, raw_server

Build = Callable[..., Adapter]
GIULIA = Address("external.modulo-web", "u-17", "Giulia Ferri")
ANSWER = OutboundMessage(
    key="k-1", to=(GIULIA,), text="Apre alle 9.", subject="Re: Orari", thread="t-9", tag="c.abc", author="Anna",
    references=("m-0", "m-1"), language="it",
)  # fmt: skip


def proves_itself(seen: Seen, content: bytes) -> bool:
    signed = seen.headers["sportello-timestamp"].encode() + b"." + content
    return seen.headers["sportello-signature"] == "v1=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()


def test_an_answer_arrives_signed_with_all_the_program_needs(adapter: Build, program: Loopback) -> None:
    program.replies["/in"] = (200, {}, b'{"id": "p-1"}')
    assert adapter(callback_url=program.url("/in")).send(ANSWER).external_id == "p-1"
    [seen] = program.seen
    assert proves_itself(seen, seen.body)
    assert (seen.headers["idempotency-key"], seen.headers["content-type"]) == ("k-1", "application/json")
    assert json.loads(seen.body) == {
        "type": "message",
        "key": "k-1",
        "to": [{"id": "u-17", "name": "Giulia Ferri"}],
        "text": "Apre alle 9.",
        "subject": "Re: Orari",
        "thread": "t-9",
        "tag": "c.abc",
        "answers": "m-1",
        "files": [],
        "automatic": False,
        "language": "it",
        "author": "Anna",
    }


def test_files_and_the_three_kinds_of_address_are_carried(adapter: Build, program: Loopback) -> None:
    program.replies["/in"] = (200, {}, b"")
    message = OutboundMessage(
        key="k-2",
        to=(Address("mailto", "giulia@posta.example"), Address("tel", "+390612345678")),
        files=(OutboundFile("modulo.pdf", "application/pdf", b"%PDF-pretend"),),
    )
    adapter(callback_url=program.url("/in")).send(message)
    sent = json.loads(program.seen[0].body)
    assert sent["to"] == [{"email": "giulia@posta.example", "name": ""}, {"phone": "+390612345678", "name": ""}]
    assert base64.b64decode(sent["files"][0]["base64"]) == b"%PDF-pretend"


@pytest.mark.parametrize(
    "body",
    [b"", b"thanks", b"[]", b'{"id": 7}', b'{"id": "a\\u0000b"}', b"[" * 50_000, b'{"id": "' + b"x" * 600 + b'"}'],
)
def test_without_a_usable_id_in_the_answer_our_own_key_is_the_id(
    adapter: Build, program: Loopback, body: bytes
) -> None:
    program.replies["/in"] = (202, {}, body)
    assert adapter(callback_url=program.url("/in")).send(ANSWER).external_id == "k-1"


def test_an_endless_answer_does_not_turn_a_delivered_message_into_a_failed_one(
    adapter: Build, program: Loopback
) -> None:
    program.replies["/in"] = (200, {}, b"x" * 1_000_000)
    assert adapter(callback_url=program.url("/in")).send(ANSWER).external_id == "k-1"


@pytest.mark.parametrize(
    "status, permanent",
    [(400, True), (401, True), (403, True), (404, True), (410, True), (413, True), (422, True), (408, False),
     (425, False), (429, False), (500, False), (502, False), (503, False), (302, False)],
)  # fmt: skip
def test_which_answers_are_worth_another_attempt(
    adapter: Build, program: Loopback, status: int, permanent: bool
) -> None:
    program.replies["/in"] = (status, {}, b"")
    with pytest.raises(SendError, match=str(status)) as failure:
        adapter(callback_url=program.url("/in")).send(ANSWER)
    assert (failure.value.permanent, failure.value.ambiguous) == (permanent, False)


def test_a_refused_connection_is_tried_again(adapter: Build, program: Loopback) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SendError) as failure:
        adapter(callback_url=f"http://127.0.0.1:{port}/").send(ANSWER)
    assert (failure.value.permanent, failure.value.ambiguous) == (False, False)


def test_a_lost_answer_is_ambiguous(adapter: Build, program: Loopback) -> None:
    def hang_up(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)

    with raw_server(hang_up) as port, pytest.raises(SendError) as failure:
        adapter(callback_url=f"http://127.0.0.1:{port}/").send(ANSWER)
    assert (failure.value.permanent, failure.value.ambiguous) == (False, True)


def test_an_address_inside_the_network_needs_the_installations_leave(
    adapter: Build, program: Loopback, settings: DjangoSettings
) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = []
    with pytest.raises(SendError) as failure:
        adapter(callback_url=f"https://127.0.0.1:{program.port}/").send(ANSWER)
    assert failure.value.permanent
    assert "PRIVATE_HOSTS_ALLOWED" in failure.value.reason
    assert program.seen == []


@pytest.mark.parametrize("missing", ["secret", "callback_url"])
def test_what_is_not_set_up_is_said_and_nothing_is_sent(adapter: Build, program: Loopback, missing: str) -> None:
    values = {"callback_url": program.url("/in"), missing: ""}
    with pytest.raises(SendError, match="An administrator can") as failure:
        adapter(**values).send(ANSWER)
    assert failure.value.permanent
    assert program.seen == []


# --- after a lost answer ----------------------------------------------------------------------------------------


def test_the_program_is_asked_by_key_and_says_yes(adapter: Build, program: Loopback) -> None:
    program.replies["/in"] = (200, {}, b'{"id": "p-1"}')
    receipt = adapter(callback_url=program.url("/in?office=3"), lookup=True).find(ANSWER)
    assert receipt is not None
    assert receipt.external_id == "p-1"
    [seen] = program.seen
    assert (seen.method, seen.path) == ("GET", "/in?office=3&key=k-1")
    assert proves_itself(seen, b"k-1")


def test_404_means_it_certainly_has_not_arrived(adapter: Build, program: Loopback) -> None:
    assert adapter(callback_url=program.url("/in"), lookup=True).find(ANSWER) is None


def test_any_other_answer_leaves_it_open(adapter: Build, program: Loopback) -> None:
    program.replies["/in"] = (401, {}, b"")
    with pytest.raises(SendError) as failure:
        adapter(callback_url=program.url("/in"), lookup=True).find(ANSWER)
    assert not failure.value.permanent


def test_a_program_without_lookup_is_not_asked(adapter: Build, program: Loopback) -> None:
    with pytest.raises(Unsupported):
        adapter(callback_url=program.url("/in")).find(ANSWER)
    assert program.seen == []


# --- doctor -------------------------------------------------------------------------------------------------------


def test_a_short_secret_is_said(adapter: Build) -> None:
    assert adapter(callback_url="https://program.comune.example/in").check() == []
    assert len(adapter(secret="short").check()) == 1


def test_a_program_without_an_address_for_answers_reaches_nobody(adapter: Build) -> None:
    assert not adapter(callback_url="").can_reach("mailto")
    assert adapter(callback_url="https://program.comune.example/in").can_reach("external.gestionale")
