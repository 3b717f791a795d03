"""Drafts on the server: after a reload, a crash or on another machine the half-written words are there.

No audit entry and no event: a draft is its author's alone, is kept at every pause in the typing, and is gone when sent.
"""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.writing.models import Draft
from crm import access
from crm.models import Interaction, User

LONGEST = 100_000  # characters; longer than anything a channel takes


class Overtaken(Exception):
    """The same person wrote other words here in another window; `draft` is what is kept, if anything is."""

    def __init__(self, draft: Draft | None) -> None:
        super().__init__(_("Other words of yours were kept here from another window. Choose which you go on with."))
        self.draft = draft


class TooLong(Exception):
    """More than a draft may have, as a sentence."""


def of(*, interaction: Interaction, author: User) -> Draft | None:
    """What this person has half written here."""
    return Draft.objects.filter(interaction=interaction, author=author).first()


def keep(
    *, interaction: Interaction, actor: User, text: str, note: bool, mark: UUID, based_on: UUID | None
) -> Draft | None:
    """Keep the words under `mark`, instead of those kept under `based_on`; empty words keep nothing.

    The same `mark` again is the same writing again: an answer may have been lost on its way.
    Raises `Overtaken` where something else is kept, `TooLong`, `NotVisible`, `Forbidden`.
    """
    _require_may_write(interaction, actor)
    if len(text) > LONGEST:
        raise TooLong(_("A draft has %(n)d characters at most. Shorten it.") % {"n": LONGEST})
    try:
        with transaction.atomic():
            return _replace(interaction, actor, Draft(text=text, note=note, mark=mark), based_on)
    except IntegrityError as error:  # two windows kept their first words at once
        raise Overtaken(of(interaction=interaction, author=actor)) from error


def _require_may_write(interaction: Interaction, actor: User) -> None:
    access.get(actor, Interaction.objects.all(), pk=interaction.pk)
    access.require(actor, "interaction.note")


def _replace(interaction: Interaction, actor: User, fresh: Draft, based_on: UUID | None) -> Draft | None:
    known = Draft.objects.select_for_update().filter(interaction=interaction, author=actor).first()
    kept = known.mark if known else None
    if kept not in {based_on, fresh.mark} and (known or fresh.text.strip()):
        raise Overtaken(known)
    if not fresh.text.strip():
        forget(interaction=interaction, actor=actor)
        return None
    fresh.pk, fresh.interaction, fresh.author = known.pk if known else None, interaction, actor
    fresh.kept_at = timezone.now()
    fresh.save(force_insert=known is None, force_update=known is not None)
    return fresh


def forget(*, interaction: Interaction, actor: User) -> None:
    """The words were sent or thrown away."""
    Draft.objects.filter(interaction=interaction, author=actor).delete()
