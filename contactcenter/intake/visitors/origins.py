"""Whose pages may frame the chat, open its socket and call its doors: our own, and those the account allows."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from channels_adapters.contract import LiveAdapter
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount


def live_account(slug: str) -> tuple[ChannelAccount, LiveAdapter]:
    """The enabled account of a live channel. Raises `accounts.Disabled`."""
    account = accounts.find(slug)  # not a kept one: who may frame the chat changes at once
    adapter = account.adapter
    if not isinstance(adapter, LiveAdapter) or not adapter.abilities.live:
        raise accounts.Disabled(f"The channel “{slug}” has no page for visitors.")
    return account, adapter


def is_ours(origin: str, host: str) -> bool:
    """`origin` is the installation's own address, or that under which this very request reached us."""
    parts = urlsplit(settings.BASE_URL)
    if origin == f"{parts.scheme}://{parts.netloc}":
        return True
    known = validate_host(host.rsplit(":", 1)[0] if not host.endswith("]") else host, settings.ALLOWED_HOSTS)
    return known and origin in {f"http://{host}", f"https://{host}"}


def may_call(adapter: LiveAdapter, origin: str, host: str) -> bool:
    return is_ours(origin, host) or origin in adapter.allowed_origins()
