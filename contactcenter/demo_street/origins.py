"""The same server under two names: to a browser two origins, and so a real stranger's page for the chat to live in."""

from django.conf import settings
from django.http import HttpRequest
from django.http.request import validate_host

TWINS = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


def own(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def other(request: HttpRequest) -> str:
    """The other origin of this installation; its own one where it has no second name."""
    host, colon, port = request.get_host().partition(":")
    twin = TWINS.get(host, "")
    if not twin or not validate_host(twin, settings.ALLOWED_HOSTS):
        return own(request)
    return f"{request.scheme}://{twin}{colon}{port}"
