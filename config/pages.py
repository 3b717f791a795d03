"""Django's handler for pages: the whole of a request in one thread, and the threads kept.

Everything here is synchronous. Left alone, each piece of middleware and each signal would go to a thread and back by
itself, and every request would start a thread and open a database connection of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.db import close_old_connections
from django.http import FileResponse, HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import set_script_prefix

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

THREADS = 96  # started as they are needed; twice as many as may wait for news (`intake.visitors.fallback`)
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")


class OneHop(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self._hop = sync_to_async(self._answer, thread_sensitive=False, executor=_threads)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        set_script_prefix(get_script_prefix(scope))
        request, refusal = self.create_request(scope, body)
        if request is None:
            body.close()
            await self.send_response(refusal or HttpResponseBadRequest(), send)
            return
        answer: HttpResponseBase = await self._hop(request)
        if answer.streaming:
            await self._stream(answer, receive, send)
        else:
            await self.send_response(answer, send)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """Django looks after the connections of the threads it knows; this is one of ours."""
        close_old_connections()
        try:
            answer = self.get_response(request)
            if not answer.streaming:
                answer.close()  # what it says is made; what belongs to the request is let go where it was taken
        finally:
            close_old_connections()
        return answer

    async def _stream(self, answer: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Piece by piece, until the other side goes away."""
        if isinstance(answer, FileResponse):
            answer.block_size = self.chunk_size
        async with ThreadSensitiveContext():
            sending = asyncio.create_task(self.send_response(answer, send))
            leaving = asyncio.create_task(self.listen_for_disconnect(receive))
            try:
                await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()
            finally:
                sending.cancel()
                leaving.cancel()
                await asyncio.gather(sending, leaving, return_exceptions=True)
                await sync_to_async(answer.close)()


class Door(OneHop):
    """For programs that bring a signature: no session, cookies, language or policy for pages around the view."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # not in the stubs
        for guard in (CommonMiddleware, SecurityMiddleware):
            chain = convert_exception_to_response(guard(chain))
        self._middleware_chain = chain


def by_address(doors: Mapping[str, Application], pages: Application) -> Application:
    """Whatever begins with an address of `doors` goes there, the rest to `pages`."""

    async def chosen(scope: Scope, receive: Receive, send: Send) -> None:
        door = next((door for beginning, door in doors.items() if scope["path"].startswith(beginning)), pages)
        await door(scope, receive, send)

    return chosen
