"""The bare server: plain views, and a socket that says back what it hears through the channel layer."""

import os

from django.core.asgi import get_asgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.bare.settings"
pages = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - after Django is set up
from django.urls import path  # noqa: E402

from tests.bench.bare.echo import Echo, LeanEcho  # noqa: E402

rooms = [path("ws/echo/<slug:room>/", Echo.as_asgi()), path("ws/lean-echo/<slug:room>/", LeanEcho.as_asgi())]
application = ProtocolTypeRouter({"http": pages, "websocket": URLRouter(rooms)})
