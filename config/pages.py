"""Django's handler for pages: its middleware and the view in one thread, and the threads kept.

Everything here is synchronous. Left alone, each piece of middleware would go to a thread and back by itself, and every
request would start a thread and open a database connection of its own.
"""

from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

THREADS = 96  # started as they are needed; twice as many as may wait for news (`intake.visitors.fallback`)


class OneHop(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        answer = sync_to_async(self._answer, thread_sensitive=False, executor=self._threads)
        return await answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """Django looks after the connections of the threads it knows; this is one of ours."""
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
