"""Channel accounts: which there are, how they are, and changing them."""

import dataclasses
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from channels_adapters import registry
from channels_adapters.contract import Adapter
from contactcenter.accounts import accounts, secrets
from contactcenter.accounts.models import ChannelAccount
from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.forms import AccountForm, ChannelForm, defaults_of
from contactcenter.administration.pages.opened import Opened, alone
from crm.models import User


@dataclasses.dataclass(frozen=True)
class Shown:
    account: ChannelAccount
    label: str
    icon: str


def _shown(account: ChannelAccount) -> Shown:
    try:
        adapter = account.adapter_class
    except registry.UnknownKind:
        return Shown(account, _("not installed any more"), "warn")
    return Shown(account, str(adapter.label), adapter.abilities.icon)


@administrator("settings.change")
def index(request: HttpRequest, user: User) -> HttpResponse:
    rows = ChannelAccount.objects.select_related("queue", "office")
    kinds = [(kind, adapter.label, adapter.abilities.icon) for kind, adapter in registry.adapters().items()]
    return render(request, "settings/channels.html", {"accounts": [_shown(row) for row in rows], "kinds": kinds})


def _adapter(kind: str) -> type[Adapter]:
    try:
        return registry.get(kind)
    except registry.UnknownKind as error:
        raise Http404(str(error)) from None


@administrator("settings.change", "GET", "POST")
def create(request: HttpRequest, user: User, kind: str) -> HttpResponse:
    adapter = _adapter(kind)
    data = request.POST if request.method == "POST" else None
    form = AccountForm(data, adapter=adapter, initial={"language": settings.LANGUAGE_CODE[:2]})
    channel = ChannelForm(data, adapter=adapter, initial=defaults_of(adapter))
    if data is not None and form.is_valid() and channel.is_valid():
        made = _create(request, user, kind, form, channel)
        if made is not None:
            messages.success(request, _("%(name)s is set up.") % {"name": made.name})
            return redirect("settings-channel", made.slug)
    return render(request, "settings/channel.html", {"form": form, "channel": channel, "label": adapter.label})


def _create(
    request: HttpRequest, user: User, kind: str, form: AccountForm, channel: ChannelForm
) -> ChannelAccount | None:
    try:
        return accounts.create(kind=kind, actor=user, settings=channel.cleaned_data, **form.columns())
    except (IntegrityError, secrets.Unreadable) as error:
        _tell(form, error)
        return None


def _tell(form: AccountForm, error: Exception) -> None:
    unreadable = isinstance(error, secrets.Unreadable)
    form.add_error(
        None, str(error) if unreadable else _("This can't be kept as it is: an account can't reply through itself.")
    )


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    with alone(request, ChannelAccount.objects.filter(slug=slug)):
        return _edited(request, user, slug)


def _edited(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    account = get_object_or_404(ChannelAccount.objects.select_related("queue"), slug=slug)
    adapter = _adapter(account.kind)
    data = request.POST if request.method == "POST" else None
    form = AccountForm(data, adapter=adapter, instance=account)
    channel = ChannelForm(
        data, adapter=adapter, kept=_kept(account), initial={**defaults_of(adapter), **account.settings}
    )
    opened = Opened(request, user, form, channel, kind="account", name=slug, sealed=account.secrets)
    is_valid = data is not None and form.is_valid() and channel.is_valid() and not opened.is_refused()
    if is_valid and _change(user, account, form, channel):
        messages.success(request, _("Kept. What is set here holds from now on."))
        return redirect("settings-channel", slug)
    shown = {"form": form, "channel": channel, "account": account, "label": adapter.label, "snippet": _snippet(account)}
    return render(request, "settings/channel.html", {**shown, "opened": opened}, status=opened.status)


def _change(user: User, account: ChannelAccount, form: AccountForm, channel: ChannelForm) -> bool:
    columns: dict[str, Any] = form.columns()
    try:
        accounts.change(
            account=account, actor=user, settings=channel.cleaned_data, office=columns["queue"].office, **columns
        )
    except (IntegrityError, secrets.Unreadable) as error:
        _tell(form, error)
        return False
    return True


def _kept(account: ChannelAccount) -> frozenset[str]:
    """Names of the secrets that are stored."""
    try:
        return frozenset(name for name, value in secrets.unseal(account.secrets).items() if value)
    except secrets.Unreadable:
        return frozenset()


def _snippet(account: ChannelAccount) -> str:
    """What a web site puts into its pages, for channels that live there."""
    if not account.adapter_class.abilities.live or registry.loader() is None:
        return ""
    return f'<script src="{settings.BASE_URL}/widget.js" data-account="{account.slug}" async></script>'


@administrator("settings.change", "POST")
def check(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    """Ask the channel itself what is wrong; it may talk to its provider."""
    account = get_object_or_404(ChannelAccount, slug=slug)
    try:
        wrong = [str(sentence) for sentence in account.adapter.check()]
    except (secrets.Unreadable, registry.UnknownKind) as error:
        wrong = [str(error)]
    for sentence in wrong:
        messages.error(request, sentence)
    if not wrong:
        messages.success(request, _("Nothing is wrong with this account."))
    return redirect("settings-channel", slug)
