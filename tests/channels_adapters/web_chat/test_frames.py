"""What the citizen's page is told, on the wire."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels_adapters.contract import (
    Accepted,
    AccountFacts,
    AgentHas,
    AgentSeen,
    AgentTyping,
    Gap,
    Goodbye,
    Notice,
    Place,
    Pong,
    Refused,
    Said,
    SharedFile,
    StateChanged,
    Welcome,
)
from channels_adapters.web_chat.adapter import Adapter

AT = datetime(2026, 11, 23, 9, 31, tzinfo=UTC)
RECEIPT = SharedFile("f1", "ricevuta.pdf", 84_000, "application/pdf", "/chat/comune/files/f1/?key=k")


@pytest.fixture
def chat() -> Adapter:
    return Adapter(Adapter.Settings(), AccountFacts("comune", "Comune di Roccaverde"))


CASES: list[tuple[Notice, dict[str, Any]]] = [
    (Accepted("c1", 4, AT), {"t": "sent", "cid": "c1", "seq": 4, "ts": "2026-11-23T09:31:00+00:00"}),
    (Place(2, 60, 120), {"t": "queue", "pos": 2, "eta": [60, 120], "text": "", "writing": False}),
    (
        Place(0, text="Scriviamo.", in_writing=True),
        {"t": "queue", "pos": 0, "eta": None, "text": "Scriviamo.", "writing": True},
    ),
    (Place(3, call="ask"), {"t": "queue", "pos": 3, "eta": None, "text": "", "writing": False, "call": "ask"}),
    (
        Place(0, text="Al +39 055 234 5678.", in_writing=True, title="Ti richiamiamo noi", call="promised"),
        {"t": "queue", "pos": 0, "eta": None, "text": "Al +39 055 234 5678.", "writing": True, "title": "Ti richiamiamo noi",
         "call": "promised"},
    ),
    (StateChanged("talking", "Anna"), {"t": "agent", "state": "talking", "name": "Anna", "resume": False}),
    (AgentTyping("Anna"), {"t": "typing", "who": "Anna", "ttl": 6}),
    (AgentHas(4), {"t": "delivered", "by": "agent", "seq": 4}),
    (AgentSeen(4), {"t": "read", "by": "agent", "seq": 4}),
    (Gap(1, 500), {"t": "gap", "from": 1, "to": 500}),
    (Pong(7), {"t": "pong", "n": 7}),
    (Refused("too-fast", "Aspetta.", 3, "c1"),
     {"t": "error", "code": "too-fast", "text": "Aspetta.", "retry_after": 3, "cid": "c1"}),
    (Goodbye("restart"), {"t": "bye", "reason": "restart", "retry": True}),
]  # fmt: skip


@pytest.mark.parametrize("notice, frame", CASES, ids=lambda value: type(value).__name__)
def test_notice_becomes_the_frame_of_the_protocol(chat: Adapter, notice: Notice, frame: dict[str, Any]) -> None:
    assert json.loads(chat.frame(notice)) == frame


def test_welcome_says_where_the_citizen_stands(chat: Adapter) -> None:
    welcome = Welcome(conversation="9f", seq=4, state="waiting", place=Place(2), read=3, limits={"max_length": 4000})
    assert json.loads(chat.frame(welcome)) == {
        "t": "welcome", "conv": "9f", "seq": 4, "state": "waiting", "agent": "", "resume": False,
        "queue": {"pos": 2, "eta": None, "text": "", "writing": False}, "delivered": 0, "read": 3, "limits": {"max_length": 4000},
    }  # fmt: skip


def test_message_carries_its_files_and_the_number_before_it(chat: Adapter) -> None:
    said = Said(seq=5, previous=3, mine=False, author="Anna", text="Ecco", at=AT, files=(RECEIPT,))
    frame = json.loads(chat.frame(said))
    assert (frame["seq"], frame["prev"], frame["mine"], frame["author"]) == (5, 3, False, "Anna")
    assert frame["files"] == [
        {"id": "f1", "name": "ricevuta.pdf", "size": 84_000, "type": "application/pdf", "url": RECEIPT.url}
    ]


def test_words_travel_as_they_are(chat: Adapter) -> None:
    said = Said(seq=1, previous=0, mine=True, author="", text="<b>Дякую</b> 🙏 \u2028", at=AT)
    assert json.loads(chat.frame(said))["text"] == "<b>Дякую</b> 🙏 \u2028"
