"""Sockets of this room."""

from typing import Any

from django.urls import URLPattern, path

from contactcenter.desk import words
from contactcenter.live.sockets import DeskSocket

live: Any = DeskSocket.as_asgi(draw=words.after)  # path is typed for views, and takes ASGI applications
websocket_urlpatterns: list[URLPattern] = [path("ws/live/", live, name="live")]
