"""Sockets of this room."""

from typing import Any

from django.urls import URLPattern, path

from contactcenter.live.sockets import DeskSocket

desk: Any = DeskSocket.as_asgi()  # path is typed for views, and takes ASGI applications
websocket_urlpatterns: list[URLPattern] = [path("ws/live/", desk, name="live")]
