"""Filters that agents keep under a name. One's own are one's own affair; what everybody sees is set up, and so recorded."""

from dataclasses import replace
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from contactcenter.desk.filters import Filter
from contactcenter.desk.models import SavedView
from crm import access, audit
from crm.models import User

NAME_LENGTH, MOST = 40, 50  # characters; views of one person, and of everybody


class CannotKeep(Exception):
    """Why not, as a sentence."""


class Ready(NamedTuple):
    """A view that everybody has without keeping it."""

    name: str
    query: str


def ready(user: User) -> list[Ready]:
    """What the house offers to begin with."""
    return [
        Ready(_("Everything"), ""),
        Ready(_("Waiting longer than 10 minutes"), replace(Filter(), which="unassigned", waits=10).query),
        Ready(_("In my language"), replace(Filter(), language=user.language[:2]).query),
    ]


def of(user: User) -> list[SavedView]:
    """One's own by name, then everybody's."""
    found = SavedView.objects.filter(Q(owner=user) | Q(owner__isnull=True))
    return list(found.order_by(F("owner").asc(nulls_last=True), "name")[: 2 * MOST])


def keep(*, actor: User, name: str, only: Filter, for_all: bool = False) -> SavedView:
    """Keep a filter under a name. Raises `CannotKeep`; `Forbidden` for everybody's by who may not set up."""
    name = _named(name)
    if not only:
        raise CannotKeep(_("Choose a condition first: this view would show everything."))
    if for_all:
        access.require(actor, "settings.change")
    owner = None if for_all else actor
    if SavedView.objects.filter(owner=owner).count() >= MOST:
        raise CannotKeep(_("There are %(n)d views already. Delete one that nobody needs.") % {"n": MOST})
    view = SavedView(owner=owner, name=name, query=only.query)
    _write(view, actor, "saved-view.kept")
    return view


def rename(*, view: SavedView, actor: User, name: str) -> None:
    """Raises `CannotKeep`; `Forbidden` for a view that isn't the actor's to change."""
    _require_is_theirs(view, actor)
    view.name = _named(name)
    _write(view, actor, "saved-view.renamed")


def delete(*, view: SavedView, actor: User) -> None:
    """Raises `Forbidden` for a view that isn't the actor's to change."""
    _require_is_theirs(view, actor)
    with transaction.atomic():
        _record(view, actor, "saved-view.deleted")
        view.delete()


def find(user: User, pk: int) -> SavedView | None:
    """A view the person sees; None otherwise."""
    return SavedView.objects.filter(Q(owner=user) | Q(owner__isnull=True), pk=pk).first()


def may_change(user: User, view: SavedView) -> bool:
    return view.owner_id == user.pk or (view.owner_id is None and access.may(user, "settings.change"))


def _require_is_theirs(view: SavedView, actor: User) -> None:
    if view.owner_id is None:
        access.require(actor, "settings.change")
    elif view.owner_id != actor.pk:
        raise access.Forbidden(_("This view is somebody else’s."))


def _named(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise CannotKeep(_("Give the view a name."))
    if len(name) > NAME_LENGTH:
        raise CannotKeep(_("A name has %(n)d characters at most. Shorten it.") % {"n": NAME_LENGTH})
    return name


def _write(view: SavedView, actor: User, action: str) -> None:
    try:
        with transaction.atomic():
            view.save()
            _record(view, actor, action)
    except IntegrityError as error:
        raise CannotKeep(_("There is a view called “%(name)s” already.") % {"name": view.name}) from error


def _record(view: SavedView, actor: User, action: str) -> None:
    if view.owner_id is None:
        audit.record(
            action, subject=f"saved view {view.pk}", actor=actor, data={"name": view.name, "query": view.query}
        )
