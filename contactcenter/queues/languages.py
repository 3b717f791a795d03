"""Correcting the language that a conversation is in: whoever takes it must speak it, where anybody does."""

import re

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contactcenter.queues import hints, offers, roster, work_items
from contactcenter.queues.held import hold
from contactcenter.queues.models import WorkItem
from crm import audit, events
from crm.access import require
from crm.models import Interaction, User

CODE = re.compile(r"[a-z]{2}")


class Unknown(ValueError):
    """No code of a language, such as it or uk."""


def correct(*, interaction: Interaction, language: str, actor: User) -> None:
    """Set the language of a conversation and of the work on it; the same again does nothing.

    What waits is asked of those who speak it now. `language` is an ISO 639-1 code. Raises `Unknown`, `Forbidden`.
    """
    require(actor, "interaction.note", office_id=interaction.office_id)
    if not CODE.fullmatch(language):
        raise Unknown(language)
    if interaction.language == language:
        return
    before, now = interaction.language, timezone.now()
    with transaction.atomic():
        _ask_others(interaction, language)
        Interaction.objects.filter(pk=interaction.pk).update(language=language, version=F("version") + 1)
        interaction.refresh_from_db(fields=["language", "version"])
        events.record(
            events.fact(
                "interaction.language_corrected", interaction=interaction, actor=actor, at=now,
                data={"from": before, "to": language},
            )
        )  # fmt: skip
        audit.record(
            "interaction.language_corrected", **audit.about(interaction), actor=actor,
            data={"from": before, "to": language},
        )  # fmt: skip


def _ask_others(interaction: Interaction, language: str) -> None:
    """The work on it. Somebody who is being asked and doesn't speak it is free again."""
    item = WorkItem.objects.filter(interaction=interaction).exclude(state__in=WorkItem.ENDED).first()
    if item is None:
        return
    held = hold(item, now := timezone.now())
    row = held.item
    if row.state in WorkItem.ENDED:
        return
    row.language = language if language in roster.languages_of(row.queue) else ""
    row.save(update_fields=["language"])
    if held.offer is not None and not _speaks(held.offer.agent, row.language):
        offers.withdraw(held, now, reason="language")
        work_items.put_back(row)
    hints.after_commit(row.queue)


def _speaks(user: User, language: str) -> bool:
    able = roster.known().people.get(user.pk)
    return not language or (able is not None and language in able.attributes.languages)
