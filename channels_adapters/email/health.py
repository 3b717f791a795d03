"""What is wrong with an account's settings, in sentences. Talks to the servers, with a time limit."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from channels_adapters.contract import SendError
from channels_adapters.email import addresses, mailbox, sending
from channels_adapters.email.settings import Settings


def problems(settings: Settings) -> list[str]:
    """One whole sentence each; empty when mail can come and go."""
    return [*_address(settings), *_incoming(settings), *_outgoing(settings)]


def _address(settings: Settings) -> Iterator[str]:
    for value in (settings.address, *settings.aliases):
        if not addresses.normal(value):
            yield _("“%(value)s” is no e-mail address. Correct it.") % {"value": value}
    if settings.max_size < 1:
        yield _("The largest mail must be at least 1 MB. Correct it.")


def _incoming(settings: Settings) -> Iterator[str]:
    if not settings.imap_host:
        return
    if not settings.imap_user or not settings.imap_password:
        yield _("The mailbox has no user or no password. Enter both.")
        return
    if settings.after_fetch == "move" and settings.move_to == settings.imap_folder:
        yield _("Stored mail would be moved into the folder it is fetched from. Choose another folder.")
    try:
        with mailbox.opened(settings):
            pass
    except SendError as error:
        yield error.reason


def _outgoing(settings: Settings) -> Iterator[str]:
    if settings.sending == "own" and not settings.smtp_host:
        yield _("No SMTP server is named. Enter one, or send through the installation.")
        return
    try:
        with sending.reached(sending.connect(settings)):
            pass
    except SendError as error:
        yield error.reason
