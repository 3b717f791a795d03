"""The web server of `manage.py serve`: one uvicorn in the main thread."""

import contextlib
import errno
import signal
import socket
from collections.abc import Iterator

import uvicorn
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

BACKLOG = 2048  # connections waiting to be accepted: after a restart every open page comes back at once
LARGEST_FRAME = 64 * 1024  # bytes; files travel over HTTP
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CannotServe(Exception):
    """Why no web server can be started here, as a sentence."""


def claim(host: str, port: int) -> socket.socket:
    """Bind first, before any work is done for a server that could not start. Raises `CannotServe`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except (OSError, OverflowError) as error:
        sock.close()
        raise CannotServe(_why(error, host, port)) from error
    return sock


def _why(error: Exception, host: str, port: int) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        words = _("Port %(port)d is taken by another program. Stop it, or choose another port: make run PORT=%(next)d.")
        return words % {"port": port, "next": port + 1}
    if number == errno.EACCES:
        words = _("Port %(port)d may not be opened by this user. Choose one above 1023: make run PORT=8000.")
        return words % {"port": port}
    words = _("No web server can listen on %(host)s, port %(port)d (%(error)s). Check HOST and PORT.")
    return words % {"host": host, "port": port, "error": error}


class Server(uvicorn.Server):
    """Uvicorn's own server ends by killing its process with the signal it caught: nobody could tidy up after it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def close(self) -> None:
        """From any thread: finish what is being answered, then end."""
        self.should_exit = True


def server() -> Server:
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # empty is fine, absent makes WhiteNoise complain
    behind_proxy = bool(settings.SECURE_PROXY_SSL_HEADER)
    config = uvicorn.Config(
        import_string(settings.ASGI_APPLICATION),
        backlog=BACKLOG,
        access_log=False,
        server_header=False,
        log_config=None,
        log_level="warning",
        lifespan="off",
        proxy_headers=behind_proxy,
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    return Server(config)
