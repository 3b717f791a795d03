"""The visitors' socket. It checks its origin itself, against what its account allows."""

from django.urls import path

from contactcenter.intake.visitors.socket import VisitorSocket

websocket_urlpatterns = [path("ws/chat/<slug:account>/", VisitorSocket.as_asgi())]
