"""Where a socket can't pass: the same frames over HTTP. Reading waits for news without keeping the processor busy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from channels_adapters.contract import LiveAdapter, Notice, Refused
from contactcenter.intake import caps
from contactcenter.intake.visitors import away, hearing, limits, news
from contactcenter.intake.visitors.doors import Refusal, Visit, body_of, door, raw

log = structlog.get_logger(__name__)
LONGEST_WAIT = 25  # seconds
MOST_WAITING = 48  # in one process, each holds a thread of the pages; beyond, a page comes back a little later
_waiting: set[str] = set()


class Frames(JsonResponse):
    """Notices as the adapter puts them on the wire. `waits_for` names the group to wait for, "" when there is news."""

    waits_for = ""

    def __init__(self, adapter: LiveAdapter, notices: list[Notice]) -> None:
        super().__init__({"frames": [adapter.frame(notice) for notice in notices]})


@csrf_exempt  # the token is in a header that no other site can send
async def messages(request: HttpRequest, account: str) -> HttpResponse:
    """GET: welcome, and what is new after `after` of `conv`, waiting up to `wait` seconds for it. POST: one frame."""
    if request.method != "GET":
        return await sync_to_async(speak)(request, account=account)
    look = sync_to_async(listen)
    answer = await look(request, account=account)
    seconds = min(_number(request, "wait"), LONGEST_WAIT)
    topic = getattr(answer, "waits_for", "")
    if not topic or not seconds:
        return answer
    async with _woken_by(topic) as woken:
        answer = await look(request, account=account)  # it may have come between the first look and the subscription
        if getattr(answer, "waits_for", ""):
            await woken(seconds)
            answer = await look(request, account=account)  # also when nothing woke us: the broker may have lost it
    return answer


@door("GET")
def listen(request: HttpRequest, visit: Visit) -> HttpResponse:
    caps.cap(f"read:{visit.known.pk}", *limits.READS_PER_VISITOR)
    if _number(request, "wait") and len(_waiting) >= MOST_WAITING:
        raise Refusal(503, "busy", _("Many people are here at this moment. We try again by ourselves."), 5)
    after, conversation = _number(request, "after"), request.GET.get("conv", "")[:64]
    told, notices = news.resumed(visit.known, last_seq=after, of=conversation)
    if told.conversation:
        away.here(visit.known)
    answer = Frames(visit.adapter, notices)
    if told.conversation and len(notices) == 1 and told.conversation == conversation:
        answer.waits_for = f"interaction.{told.conversation}"
    return answer


@door("POST")
def speak(request: HttpRequest, visit: Visit) -> HttpResponse:
    frame = raw(visit, "socket", body_of(request))
    if len(frame.body) > limits.FRAME:
        raise Refusal(413, "too-large", _("That is too large. Shorten it and send again."))
    speaker = hearing.Speaker(visit.account, visit.adapter, visit.known, caps.source(request), frame)
    with translation.override(visit.known.language or visit.account.language):
        notices = hearing.hear(speaker)
    too_fast = any(isinstance(notice, Refused) and notice.code == "too-fast" for notice in notices)
    answer = Frames(visit.adapter, notices)
    answer.status_code = 429 if too_fast else 200
    return answer


def _number(request: HttpRequest, key: str) -> int:
    given = request.GET.get(key, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0


@asynccontextmanager
async def _woken_by(topic: str) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Gives a function that waits for a ping of `topic`, for so many seconds at most."""
    layer = get_channel_layer()
    channel = await layer.new_channel("poll")
    await layer.group_add(topic, channel)
    _waiting.add(channel)

    async def woken(seconds: int) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(layer.receive(channel), seconds)

    try:
        yield woken
    finally:
        _waiting.discard(channel)
        await _leave(layer, topic, channel)


async def _leave(layer: Any, topic: str, channel: str) -> None:
    try:
        await layer.group_discard(topic, channel)
    except Exception as error:  # noqa: BLE001 - any broker, any failure: the answer is ready and leaves all the same
        log.warning("visitor.broker_unreachable", error=type(error).__name__)
