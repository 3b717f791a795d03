"""The one gateway: who may see which rows and do what. Pages, sockets, search, exports and programs all ask here.

Two questions. `visible(user, queryset)` keeps the rows a person may know of; `require(user, action, …)` says whether
they may act. What isn't visible doesn't exist (404); what is visible but not allowed is refused (403).
"""

from collections.abc import Callable, Collection
from functools import cache, reduce
from operator import or_
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from crm.models import Attachment, Case, Citizen, ContactPoint, Event, Grant, Interaction, Message, Task, User
from crm.models.people import Role
from crm.prepared import PreparedModel

M = TypeVar("M", bound=Model)
SOMEBODY = 2_147_000_059  # stands for a person in the prepared statement
READERS = (Role.AGENT, Role.BACK_OFFICE, Role.MANAGER)  # administrators install; they don't read citizens' words
TRUSTED = (Role.BACK_OFFICE, Role.MANAGER)  # see an office's confidential cases

# Which role may do what. An action that isn't here is nobody's.
ACTIONS: dict[str, tuple[str, ...]] = {
    "interaction.reply": READERS,
    "interaction.note": READERS,
    "interaction.claim": READERS,
    "interaction.close": READERS,
    "interaction.retry": READERS,
    "interaction.reopen": READERS,
    "interaction.spam": READERS,
    "interaction.merge": READERS,
    "interaction.split": READERS,
    "contact.block": READERS,
    "contact.block-for-good": (Role.MANAGER,),
    "interaction.take-over": (Role.MANAGER,),
    "interaction.watch": (Role.MANAGER,),
    "interaction.whisper": (Role.MANAGER,),
    "work.exceed": (Role.MANAGER,),
    "presence.force": (Role.MANAGER,),
    "case.open": READERS,
    "case.change": READERS,
    "citizen.change": READERS,
    "task.change": READERS,
    "problem.open": TRUSTED,
    "presence.set": READERS,
    "delivery.read": (Role.ADMINISTRATOR,),
    "delivery.discard": (Role.ADMINISTRATOR,),
    "settings.change": (Role.ADMINISTRATOR,),
    "view.share": (Role.ADMINISTRATOR, Role.MANAGER),
    "audit.read": (Role.ADMINISTRATOR, Role.MANAGER),
}


class NotVisible(Http404):
    """It may exist, but not for this person."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text or _("There is nothing here, or it isn't yours to see."))


class Forbidden(PermissionDenied):
    """This person may see it and may not do that."""


def grants(user: User) -> list[Grant]:
    """Grants of a person, read once per loaded user object (that is: per request)."""
    if not user.is_active:
        return []
    known: list[Grant] | None = getattr(user, "_access_grants", None)
    if known is None:
        known = _grants_of().all(user.pk)
        user._access_grants = known  # type: ignore[attr-defined]  # a cache on the instance, not a field
    return known


@cache
def _grants_of() -> PreparedModel[Grant]:
    return PreparedModel(Grant.objects.filter(user=SOMEBODY), SOMEBODY)


def roles(user: User) -> set[str]:
    return {grant.role for grant in grants(user)}


def may(user: User, action: str, *, office_id: int | None = None) -> bool:
    """Has the person a role for `action`, and, where an office is named, in that office?"""
    allowed = ACTIONS.get(action, ())
    return any(
        grant.role in allowed and (office_id is None or grant.office_id in (None, office_id)) for grant in grants(user)
    )


def require(user: User, action: str, *, office_id: int | None = None) -> None:
    """Raises `Forbidden` with a sentence."""
    if not may(user, action, office_id=office_id):
        raise Forbidden(_("Your role doesn't allow this. Ask a manager of the office."))


NOBODY = Q(pk__in=[])


def _rows(user: User, roles: tuple[str, ...], office: str, queue: str | None) -> Q | None:
    """The rows inside the offices and queues of the person's grants. `None` = none, `Q()` = every one."""
    whole: set[int] = set()
    lines: dict[str, set[int | None]] = {}
    for grant in grants(user):
        if grant.role not in roles or (grant.queue and queue is None):
            continue
        if grant.queue:
            lines.setdefault(grant.queue, set()).add(grant.office_id)
        elif grant.office_id is None:
            return Q()
        else:
            whole.add(grant.office_id)
    found = [_among(office, whole)] if whole else []
    found += [Q(**{str(queue): slug}) & _among(office, offices) for slug, offices in lines.items()]
    # Beginning with none keeps the joins outer: a planner then walks a line in its order instead of sorting offices.
    return reduce(or_, found, NOBODY) if found else None


def _among(office: str, offices: Collection[int | None]) -> Q:
    """One condition however many offices; none where one of them stands for all."""
    if None in offices:
        return Q()
    return Q(**{f"{office}__in": sorted(office_id for office_id in offices if office_id is not None)})


def case_rows(user: User, prefix: str = "") -> Q:
    """Cases of the person's offices; confidential ones for trusted roles, sealed ones for their owner alone."""
    inside = _rows(user, READERS, f"{prefix}office_id", None)
    if inside is None:
        return NOBODY
    return (Q(**{f"{prefix}confidentiality": Case.Confidentiality.NORMAL}) & inside) | _kept_rows(user, prefix, inside)


def _kept_rows(user: User, prefix: str, inside: Q) -> Q:
    """Of the cases `inside` the person's offices, those they see although others there don't."""
    own = Q(**{f"{prefix}owner_id": user.pk}) & inside
    trusted = _rows(user, TRUSTED, f"{prefix}office_id", None)
    if trusted is None:
        return own
    return own | (Q(**{f"{prefix}confidentiality": Case.Confidentiality.CONFIDENTIAL}) & trusted)


def interaction_rows(user: User, prefix: str = "") -> Q:
    """Interactions of the person's offices and queues, unless their case is kept from them."""
    inside = _rows(user, READERS, f"{prefix}office_id", f"{prefix}queue")
    if inside is None:
        return NOBODY
    shown = Q(**{f"{prefix}case__isnull": True}) | Q(**{f"{prefix}case__confidentiality": Case.Confidentiality.NORMAL})
    offices = _rows(user, READERS, f"{prefix}case__office_id", None)  # a grant for one queue opens no case
    return inside & (shown if offices is None else shown | _kept_rows(user, f"{prefix}case__", offices))


def readers_of(case: Case) -> QuerySet[User]:
    """Everybody who may read one case: what `case_rows` says, asked from the other side. A test holds the two together."""
    here = Q(office=None) | Q(office=case.office_id)
    grants = Grant.objects.filter(here, queue="", user=OuterRef("pk"))  # a grant for one queue opens no case
    inside, trusted = Exists(grants.filter(role__in=READERS)), Exists(grants.filter(role__in=TRUSTED))
    may_read = inside & Q(pk=case.owner_id)
    if case.confidentiality == Case.Confidentiality.NORMAL:
        may_read = Q(inside)
    elif case.confidentiality == Case.Confidentiality.CONFIDENTIAL:
        may_read |= Q(trusted)
    return User.objects.filter(may_read, is_active=True)


def _citizen_rows(user: User) -> Q:
    contacts = Interaction.objects.filter(interaction_rows(user), citizen=OuterRef("pk"))
    cases = Case.objects.filter(case_rows(user), citizen=OuterRef("pk"))
    return Q(Exists(contacts)) | Q(Exists(cases))


def _contact_point_rows(user: User) -> Q:
    return Q(citizen__in=Citizen.objects.filter(_citizen_rows(user))) | Q(
        Exists(Interaction.objects.filter(interaction_rows(user), contact_point=OuterRef("pk")))
    )


RULES: dict[type[Model], Callable[[User], Q]] = {
    Interaction: interaction_rows,
    Message: lambda user: interaction_rows(user, "interaction__"),
    Attachment: lambda user: interaction_rows(user, "message__interaction__") & Q(message__isnull=False),
    Case: case_rows,
    Task: lambda user: case_rows(user, "case__"),
    Event: lambda user: Q(interaction__isnull=False) & interaction_rows(user, "interaction__"),
    Citizen: _citizen_rows,
    ContactPoint: _contact_point_rows,
}


def visible(user: User, rows: QuerySet[M]) -> QuerySet[M]:
    """The rows of a model that the person may know of. Raises `LookupError` for a model without a rule."""
    rule = RULES.get(rows.model)
    if rule is None:
        raise LookupError(f"{rows.model.__name__} has no access rule: write one before anybody reads it.")
    return rows.filter(rule(user))


def get(user: User, rows: QuerySet[M], **lookup: Any) -> M:
    """One visible row. Raises `NotVisible` where there is none for this person."""
    found = next(iter(visible(user, rows).filter(**lookup)[:1]), None)  # one row needs no order
    if found is None:
        raise NotVisible
    return found
