"""The wire between a citizen's page and us: one JSON object `{"t": …}` per frame, both ways. Pure translation.

| page → us                                      | us → page                                              |
| ---------------------------------------------- | ------------------------------------------------------ |
| `hello{token,last_seq,v}`                      | `welcome{conv,seq,state,resume,agent,queue,read,…}`    |
| `msg{cid,text,files,topic,language,name}`      | `sent{cid,seq,ts}` · `msg{seq,prev,mine,author,…}`     |
| `ack{seq}` · `read{seq}`                       | `delivered{by,seq}` · `read{by,seq}`                   |
| `typing{on}`                                   | `typing{who,ttl}`                                      |
| `fetch{from,to}`                               | `gap{from,to}`                                         |
| `ping{n}`                                      | `pong{n}`                                              |
| `end`                                          | `queue{pos,eta,text,writing,title,call}` · `agent{state,name,resume}` |
|                                                | `error{code,text,retry_after,cid}` · `bye{reason,retry}` |
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from channels_adapters.contract import (
    Accepted,
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
    StateChanged,
    Unparseable,
    Welcome,
)

MAX_BYTES = 16 * 1024
LARGEST_NUMBER = 2**53 - 1  # what a browser can count exactly
SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SURROGATE = re.compile("[\ud800-\udfff]")


# --- reading ---------------------------------------------------------------------------------------------------------


def read(body: bytes) -> dict[str, Any]:
    """The object inside `body`. Raises `Unparseable` for anything that isn't one, or is larger than a frame may be."""
    if len(body) > MAX_BYTES:
        raise Unparseable(_("The message is too large. Shorten it, or send it in two parts."))
    try:
        frame = json.loads(body)
    except (ValueError, RecursionError):
        raise Unparseable(_("The message isn't valid JSON. Reload the page and try again.")) from None
    if not isinstance(frame, dict):
        raise Unparseable(_("The message isn't a JSON object. Reload the page and try again."))
    return frame


def _of_type(frame: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
    value = frame.get(key, default)
    if value is None:
        return default
    if type(value) is not kind:  # `isinstance` would let true pass for the number 1
        raise Unparseable(_("“%(key)s” isn't of the right type. Reload the page and try again.") % {"key": key})
    return value


def text(frame: Mapping[str, Any], key: str, *, longest: int) -> str:
    """A string that a database can keep: no NUL, no half of a character, at most `longest` characters."""
    value: str = _of_type(frame, key, str, "")
    if len(value) > longest:
        sentence = _("That is more than %(longest)d characters. Shorten it and send again.")
        raise Unparseable(sentence % {"longest": longest})
    if "\x00" in value or _SURROGATE.search(value):
        raise Unparseable(_("The text contains characters that can't be stored. Remove them and send again."))
    return value


def number(frame: Mapping[str, Any], key: str, default: int = 0) -> int:
    value: int = _of_type(frame, key, int, default)
    if not 0 <= value <= LARGEST_NUMBER:
        raise Unparseable(_("“%(key)s” is out of range. Reload the page and try again.") % {"key": key})
    return value


def flag(frame: Mapping[str, Any], key: str, default: bool = False) -> bool:
    value: bool = _of_type(frame, key, bool, default)
    return value


def identifier(value: Any) -> str:
    """An id chosen by a program: short and plain, so that it is safe in a key, a log and a file name."""
    if not isinstance(value, str) or not SAFE_ID.fullmatch(value):
        raise Unparseable(_("An identifier in the message isn't valid. Reload the page and try again."))
    return value


def identifiers(frame: Mapping[str, Any], key: str, *, most: int) -> tuple[str, ...]:
    values: list[Any] = _of_type(frame, key, list, [])
    if len(values) > most:
        raise Unparseable(_("At most %(most)d files go with one message. Remove some and send again.") % {"most": most})
    return tuple(identifier(value) for value in values)


# --- writing ---------------------------------------------------------------------------------------------------------


def _queue(place: Place) -> dict[str, Any]:
    known = place.wait_from is not None and place.wait_to is not None
    eta = [place.wait_from, place.wait_to] if known else None
    told = {"pos": place.position, "eta": eta, "text": place.text, "writing": place.in_writing}
    return told | {key: value for key, value in (("title", place.title), ("call", place.call)) if value}


def _welcome(notice: Welcome) -> dict[str, Any]:
    return {
        "t": "welcome",
        "conv": notice.conversation,
        "seq": notice.seq,
        "state": notice.state,
        "agent": notice.agent,
        "resume": notice.may_resume,
        "queue": _queue(notice.place) if notice.place else None,
        "delivered": notice.delivered,
        "read": notice.read,
        "limits": dict(notice.limits),
    }


def _said(notice: Said) -> dict[str, Any]:
    files = [
        {"id": file.id, "name": file.name, "size": file.size, "type": file.content_type, "url": file.url}
        for file in notice.files
    ]
    return {
        "t": "msg",
        "seq": notice.seq,
        "prev": notice.previous,
        "mine": notice.mine,
        "author": notice.author,
        "text": notice.text,
        "ts": notice.at.isoformat(),
        "cid": notice.client_id,
        "auto": notice.automatic,
        "files": files,
    }


def _error(notice: Refused) -> dict[str, Any]:
    return {
        "t": "error",
        "code": notice.code,
        "text": notice.text,
        "retry_after": notice.retry_after,
        "cid": notice.client_id,
    }


_WRITERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    Welcome: _welcome,
    Said: _said,
    Refused: _error,
    Accepted: lambda n: {"t": "sent", "cid": n.client_id, "seq": n.seq, "ts": n.at.isoformat()},
    Place: lambda n: {"t": "queue", **_queue(n)},
    StateChanged: lambda n: {"t": "agent", "state": n.state, "name": n.agent, "resume": n.may_resume},
    AgentTyping: lambda n: {"t": "typing", "who": n.name, "ttl": n.seconds},
    AgentHas: lambda n: {"t": "delivered", "by": "agent", "seq": n.seq},
    AgentSeen: lambda n: {"t": "read", "by": "agent", "seq": n.seq},
    Gap: lambda n: {"t": "gap", "from": n.first, "to": n.last},
    Pong: lambda n: {"t": "pong", "n": n.n},
    Goodbye: lambda n: {"t": "bye", "reason": n.reason, "retry": n.retry},
}


def write(notice: Notice) -> str:
    return json.dumps(_WRITERS[type(notice)](notice), ensure_ascii=False, separators=(",", ":"))
