"""What the fixtures don't say: sizes, replays, answers, and that nothing but a sentence comes out of nonsense."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import time_machine
from hypothesis import given, strategies as st

from channels_adapters.api import reading
from channels_adapters.api.adapter import Adapter
from channels_adapters.contract import (
    Duplicate,
    Ignored,
    InboundMessage,
    Outcome,
    RawRequest,
    Recorded,
    Stored,
    Undeliverable,
    Unparseable,
    Untrusted,
)
from channels_adapters.http import sign
from tests.channels_adapters.api.conftest import SECRET

Build = Callable[..., Adapter]
GIULIA = {"id": "m-1", "from": {"id": "u-17", "name": "Giulia Ferri"}, "text": "Buongiorno"}


def signed(body: bytes, timestamp: str = "1795424400") -> RawRequest:
    signature = "v1=" + sign(SECRET, timestamp, body)
    return RawRequest(
        "webhook", headers={"sportello-timestamp": timestamp, "sportello-signature": signature}, body=body
    )


def refusal(document: Any) -> str:
    with pytest.raises(Unparseable) as refused:
        reading.events(json.dumps(document).encode(), "modulo-web")
    return str(refused.value)


# --- replays ------------------------------------------------------------------------------------------------------


def test_the_same_delivery_twice_has_one_key_whatever_its_unsigned_headers_say(adapter: Build) -> None:
    first = signed(b'{"messages": []}')
    again = RawRequest("webhook", url="/hooks/x/?n=2", headers={**first.headers, "x-request": "2"}, body=first.body)
    assert adapter().delivery_key(first) == adapter().delivery_key(again)


def test_another_moment_or_another_body_is_another_delivery(adapter: Build) -> None:
    keys = {
        adapter().delivery_key(raw)
        for raw in (signed(b"{}"), signed(b"{}", "1795424401"), signed(b"{ }"), RawRequest("hand", body=b"{}"))
    }
    assert len(keys) == 4


def test_a_captured_delivery_is_refused_five_minutes_later(adapter: Build) -> None:
    raw = signed(b"{}")
    with time_machine.travel(1795424400 + 300, tick=False):
        adapter().verify(raw)
    with time_machine.travel(1795424400 + 301, tick=False), pytest.raises(Untrusted, match="five minutes"):
        adapter().verify(raw)


def test_a_refusal_never_says_what_the_signature_should_have_been(adapter: Build) -> None:
    raw = signed(b"{}")
    forged = RawRequest("webhook", headers={**raw.headers, "sportello-signature": "v1=00"}, body=b"{}")
    with pytest.raises(Untrusted) as refused:
        adapter().verify(forged)
    assert SECRET not in str(refused.value)
    assert raw.headers["sportello-signature"][3:] not in str(refused.value)


# --- sizes --------------------------------------------------------------------------------------------------------


def test_a_thousand_messages_fit_into_one_delivery_and_one_more_does_not() -> None:
    thousand = [{**GIULIA, "id": f"m-{n}"} for n in range(1000)]
    assert len(reading.events(json.dumps({"messages": thousand}).encode(), "modulo-web")) == 1000
    assert "messages" in refusal({"messages": [*thousand, GIULIA]})


@pytest.mark.parametrize(
    "field, largest, too_large",
    [
        ("text", "x" * 100_000, "x" * 100_001),
        ("subject", "x" * 300, "x" * 301),
        ("id", "x" * 200, "x" * 201),
        ("thread", "x" * 200, "x" * 201),
        ("topic", "x" * 50, "x" * 51),
    ],
)
def test_each_field_has_its_size(field: str, largest: str, too_large: str) -> None:
    assert reading.events(json.dumps({"messages": [{**GIULIA, field: largest}]}).encode(), "modulo-web")
    assert f"messages[0].{field}" in refusal({"messages": [{**GIULIA, field: too_large}]})


def test_a_file_may_be_ten_mebibytes_and_no_more() -> None:
    ten = base64.b64encode(bytes(10 * 1024 * 1024)).decode()
    more = base64.b64encode(bytes(10 * 1024 * 1024 + 1)).decode()
    parsed = reading.events(
        json.dumps({"messages": [{**GIULIA, "files": [{"name": "a", "base64": ten}]}]}).encode(), "modulo-web"
    )
    assert isinstance(parsed[0], InboundMessage)
    assert len(parsed[0].files[0].body) == 10 * 1024 * 1024
    assert "files[0].base64" in refusal({"messages": [{**GIULIA, "files": [{"name": "a", "base64": more}]}]})


def test_ten_files_and_no_more() -> None:
    assert "messages[0].files" in refusal({"messages": [{**GIULIA, "files": [{"name": "a", "base64": ""}] * 11}]})


# --- sentences ------------------------------------------------------------------------------------------------------


def test_a_misspelt_field_is_named_with_those_that_exist() -> None:
    sentence = refusal({"messages": [GIULIA, {**GIULIA, "txt": "ciao"}]})
    assert "messages[1].txt" in sentence
    assert "subject" in sentence


def test_a_field_name_that_attacks_the_page_is_shortened_and_printable() -> None:
    sentence = refusal({"<script>\u0000\u202e" + "x" * 500: 1})
    assert len(sentence) < 200
    assert "\0" not in sentence
    assert "\u202e" not in sentence


@given(st.binary(max_size=200))
def test_no_bytes_bring_it_down(body: bytes) -> None:
    with pytest.raises(Unparseable):
        reading.events(body, "modulo-web")


ODD: list[Any] = [
    None,
    True,
    -1,
    10**400,
    1.5,
    "",
    " ",
    "\0",
    "\ud800",
    "x" * 101,
    [],
    [[]],
    {},
    {"id": 1},
    [{}],
    {"email": "a@b"},
]


@given(st.dictionaries(st.sampled_from([*reading.MESSAGE_FIELDS, "odd"]), st.sampled_from(ODD), max_size=6))
def test_no_message_brings_it_down(message: dict[str, Any]) -> None:
    body = json.dumps({"messages": [{**GIULIA, **message}]}).encode()
    with suppress(Unparseable):
        [parsed] = reading.events(body, "modulo-web")
        assert isinstance(parsed, InboundMessage)
        assert "\0" not in f"{parsed.text}{parsed.external_id}{parsed.sender.name}"


# --- the answer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcomes, status, told",
    [
        ([], 200, []),
        ([Recorded("i-1", 4)], 200, [{"outcome": "recorded", "interaction": "i-1", "seq": 4}]),
        ([Duplicate("i-1", 4)], 200, [{"outcome": "duplicate", "interaction": "i-1", "seq": 4}]),
        ([Ignored("Our own.")], 200, [{"outcome": "ignored", "reason": "Our own."}]),
        ([Stored()], 202, [{"outcome": "stored"}]),
        ([Undeliverable("Not JSON.")], 422, [{"outcome": "undeliverable", "reason": "Not JSON."}]),
    ],
)
def test_the_program_learns_what_became_of_each(
    adapter: Build, outcomes: list[Outcome], status: int, told: list[dict[str, Any]]
) -> None:
    answer = adapter().acknowledge(outcomes)
    assert (answer.status, answer.content_type) == (status, "application/json")
    assert json.loads(answer.body) == {"outcomes": told}
