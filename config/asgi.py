"""The web side of the house: pages over HTTP, two kinds of sockets. Free of any server's own features."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import django

from config.pages import Door, OneHop, by_address

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)  # the imports below need it

from channels.auth import AuthMiddlewareStack  # noqa: E402 - after Django is set up
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import re_path  # noqa: E402

from config.body_limit import limited  # noqa: E402
from config.checks import refuse_unsafe_production  # noqa: E402
from contactcenter.desk.routes import websocket_urlpatterns as desk_sockets  # noqa: E402
from contactcenter.intake.routes import websocket_urlpatterns as visitors_sockets  # noqa: E402

refuse_unsafe_production()

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def nobody_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Closes a socket that was opened at an address we don't have."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


def staff(pattern: Any) -> Any:
    """The people who work here come with a session, from our own pages only.

    The visitors' socket checks its origin itself, against what its account allows.
    """
    pattern.callback = AllowedHostsOriginValidator(AuthMiddlewareStack(pattern.callback))
    return pattern


elsewhere: Any = nobody_here  # re_path is typed for views, and takes ASGI applications
sockets = URLRouter([*map(staff, desk_sockets), *visitors_sockets, re_path("", elsewhere)])
application = ProtocolTypeRouter(
    {
        "http": limited(by_address({"/hooks/": Door()}, OneHop()), 2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE),
        "websocket": sockets,
    }
)
