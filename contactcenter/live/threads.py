"""Threads in which sockets ask the database. One thread for all of them, as is usual, would let every page wait behind
what somebody else's message sets off."""

from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")
THREADS = 6  # started as they are needed
_desk = ThreadPoolExecutor(THREADS, thread_name_prefix="desk-socket")
_visitors = ThreadPoolExecutor(THREADS, thread_name_prefix="visitor-socket")


def _kept(function: Callable[P, R]) -> Callable[P, R]:
    """Django looks after the connections of the threads it knows; these are ours."""

    def called(*arguments: P.args, **named: P.kwargs) -> R:
        close_old_connections()
        try:
            return function(*arguments, **named)
        finally:
            close_old_connections()

    return called


def for_desk(function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Runs in a thread that only serves desks: a citizen's next message doesn't stand before an agent's look."""
    return sync_to_async(_kept(function), thread_sensitive=False, executor=_desk)


def for_visitor(function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    return sync_to_async(_kept(function), thread_sensitive=False, executor=_visitors)
