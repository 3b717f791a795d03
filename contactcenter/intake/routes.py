"""Sockets of this room."""

from contactcenter.intake.visitors.routes import websocket_urlpatterns

__all__ = ["websocket_urlpatterns"]
