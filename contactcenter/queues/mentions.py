"""`@anna` in a note or beside a conversation: who is meant, whether they may read it, and whom one could mention."""

import re
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from crm import access
from crm.models import Interaction, User

MOST = 8  # colleagues that are suggested
MOST_NAMED = 20  # in one text
# Not inside a word: `giulia@example.it` mentions nobody.
CALLED = re.compile(r"(?<![\w.@+-])@(\w(?:[\w.@+-]{0,148}\w)?)")


class CannotMention(Exception):
    """The sentence says who may not read the conversation."""


def named(text: str) -> list[User]:
    """The colleagues whose user names stand behind an @. What names nobody is only words."""
    names = list(dict.fromkeys(name.lower() for name in CALLED.findall(text)))[:MOST_NAMED]
    if not names:
        return []
    meant = Q()
    for name in names:
        meant |= Q(username__iexact=name)
    return list(User.objects.filter(meant, is_active=True).order_by("id"))


def check(*, text: str, interaction: Interaction) -> list[User]:
    """Whoever is mentioned. Raises `CannotMention` where one of them may not read the conversation."""
    found = named(text)
    for user in found:
        if not _may_read(user, interaction):
            words = _(
                "%(name)s may not read this conversation, so a mention would not reach them. Take it out, then send."
            )
            raise CannotMention(words % {"name": user.display_name})
    return found


def _may_read(user: User, interaction: Interaction) -> bool:
    return access.visible(user, Interaction.objects.filter(pk=interaction.pk)).exists()


def suggested(*, interaction: Interaction, begins: str, actor: User) -> Sequence[User]:
    """Up to `MOST` colleagues who may read it, whose name or user name begins so. The caller may see the conversation."""
    here = Q(grants__office=None) | Q(grants__office=interaction.office_id)
    line = Q(grants__queue="") | Q(grants__queue=interaction.queue)
    rows = User.objects.filter(here & line, grants__role__in=access.READERS, is_active=True).exclude(pk=actor.pk)
    for word in begins.replace("\x00", "").split()[:3]:
        rows = rows.filter(
            Q(username__istartswith=word) | Q(first_name__istartswith=word) | Q(last_name__istartswith=word)
        )
    ordered = rows.distinct().order_by("first_name", "last_name", "id")[: 3 * MOST]
    return [user for user in ordered if interaction.case_id is None or _may_read(user, interaction)][:MOST]
