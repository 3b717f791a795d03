"""Creating and changing a channel account; secrets are told apart and sealed."""

import dataclasses
import time
from functools import partial
from typing import Any

from django.conf import settings as installation
from django.db import transaction

from channels_adapters import registry
from contactcenter.accounts import secrets
from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues.models import Queue
from crm import audit
from crm.access import require
from crm.models import User

_kept: dict[str, tuple[float, ChannelAccount]] = {}  # slug: when it was read (monotonic seconds), as it was then


class Disabled(Exception):
    """There is no such account, or it is switched off: its doors are closed."""


def find(slug: str) -> ChannelAccount:
    """The enabled account of that slug, with its queue and the queue's office. Raises `Disabled`."""
    rows = ChannelAccount.objects.select_related("queue__office")
    try:
        return rows.get(slug=slug, enabled=True)
    except ChannelAccount.DoesNotExist:
        raise Disabled(f"There is no open channel called “{slug}”.") from None


def kept(slug: str) -> ChannelAccount:
    """As `find`, for doors, who only read it: other threads have the same object. Raises `Disabled`.

    It may be `ACCOUNTS_KEPT_FOR` seconds old: what was changed or switched off counts at every door by then, in
    whichever process it was done; in the process that did it, from the commit on.
    """
    known = _kept.get(slug)
    if known is not None and time.monotonic() - known[0] < installation.ACCOUNTS_KEPT_FOR:
        return known[1]
    asked_at = time.monotonic()
    _kept.pop(slug, None)  # one that is gone leaves nothing behind
    account = find(slug)
    _kept[slug] = (asked_at, account)
    return account


def _divide(kind: str, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings to store in the open, and secrets to seal."""
    secret = {field.name for field in dataclasses.fields(registry.get(kind).Settings) if field.metadata.get("secret")}
    return (
        {name: value for name, value in values.items() if name not in secret},
        {name: value for name, value in values.items() if name in secret},
    )


def create(
    *,
    slug: str,
    kind: str,
    name: str,
    queue: Queue,
    actor: User | None,
    settings: dict[str, Any] | None = None,
    **fields: Any,
) -> ChannelAccount:
    """A new account of an installed channel. Raises `UnknownKind`, `Forbidden`, `secrets.Unreadable`."""
    if actor is not None:
        require(actor, "settings.change")
    open_values, secret_values = _divide(kind, settings or {})
    with transaction.atomic():
        account = ChannelAccount.objects.create(
            slug=slug, kind=kind, name=name, queue=queue, office=queue.office,
            settings=open_values, secrets=secrets.seal(secret_values), **fields,
        )  # fmt: skip
        audit.record("account.created", subject=f"account:{slug}", actor=actor)
    return account


def change(
    *, account: ChannelAccount, actor: User | None, settings: dict[str, Any] | None = None, **fields: Any
) -> None:
    """Change fields and settings. A secret that isn't given stays as it is. Raises `Forbidden`."""
    if actor is not None:
        require(actor, "settings.change")
    open_values, secret_values = _divide(account.kind, settings or {})
    with transaction.atomic():
        account.settings = {**account.settings, **open_values}
        if secret_values:
            account.secrets = secrets.seal({**secrets.unseal(account.secrets), **secret_values})
        for name, value in fields.items():
            setattr(account, name, value)
        account.save(update_fields=["settings", "secrets", *fields])  # a fetching worker moves the others meanwhile
        account.__dict__.pop("adapter", None)
        audit.record("account.changed", subject=f"account:{account.slug}", actor=actor, data={"fields": sorted(fields)})
        transaction.on_commit(partial(_kept.pop, account.slug, None))
