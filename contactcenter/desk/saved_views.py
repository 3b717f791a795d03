"""Filters that agents keep under a name. One's own are one's own affair; what an office or everybody sees is recorded."""

from dataclasses import replace
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from contactcenter.desk.filters import Filter
from contactcenter.desk.models import SavedView
from crm import access, audit
from crm.models import Office, User

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
    """One's own by name, then those of one's offices, then everybody's."""
    found = _seen(user).select_related("office")
    order = F("owner").asc(nulls_last=True), F("office__name").asc(nulls_last=True), "name"
    return list(found.order_by(*order)[: 3 * MOST])


def shareable(user: User) -> list[Office]:
    """The offices for which this person may keep a view."""
    offices = Office.objects.filter(active=True).order_by("name") if _may_share_somewhere(user) else []
    return [office for office in offices if access.may(user, "view.share", office_id=office.pk)]


def _may_share_somewhere(user: User) -> bool:
    return bool(access.roles(user) & set(access.ACTIONS["view.share"]))


def _seen(user: User) -> QuerySet[SavedView]:
    grants = [grant for grant in access.grants(user) if grant.role in access.READERS]
    shared = Q(owner__isnull=True)
    if all(grant.office_id is not None for grant in grants):
        shared &= Q(office__isnull=True) | Q(office__in={grant.office_id for grant in grants})
    return SavedView.objects.filter(Q(owner=user) | shared)


def keep(*, actor: User, name: str, only: Filter, for_all: bool = False, office: Office | None = None) -> SavedView:
    """Keep a filter under a name, for oneself, an office, or everybody.

    Raises `CannotKeep`; `Forbidden` for an office's or everybody's by who may not share it.
    """
    name = _named(name)
    if not only:
        raise CannotKeep(_("Choose a condition first: this view would show everything."))
    if for_all:
        access.require(actor, "settings.change")
    elif office is not None:
        access.require(actor, "view.share", office_id=office.pk)
    owner, office = (None, None) if for_all else (None if office else actor, office)
    if SavedView.objects.filter(owner=owner, office=office).count() >= MOST:
        raise CannotKeep(_("There are %(n)d views already. Delete one that nobody needs.") % {"n": MOST})
    view = SavedView(owner=owner, office=office, name=name, query=only.query)
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
    return _seen(user).filter(pk=pk).first()


def may_change(user: User, view: SavedView) -> bool:
    if view.office_id is not None:
        return access.may(user, "view.share", office_id=view.office_id)
    return view.owner_id == user.pk or (view.owner_id is None and access.may(user, "settings.change"))


def _require_is_theirs(view: SavedView, actor: User) -> None:
    if view.office_id is not None:
        access.require(actor, "view.share", office_id=view.office_id)
    elif view.owner_id is None:
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
        said = {"name": view.name, "query": view.query, **({"office": view.office.slug} if view.office else {})}
        audit.record(action, subject=f"saved view {view.pk}", actor=actor, data=said)
