"""The newest words of a conversation for a page that shows it already: what the socket hands over at once.

It is asked with every message of every chat that somebody looks at, while the citizen waits: its statement is prepared.
"""

from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef
from django.template.loader import get_template

from contactcenter.desk import conversation, names, timeline
from contactcenter.live.watching import Reader, Words
from crm import access
from crm.models import Attachment, Citizen, ContactPoint, Interaction, Message, User
from crm.prepared import Prepared

MOST = 20  # messages; where there are more, the whole conversation brings them
# What a message is drawn from, each in the order of its model.
SAID = (
    "id", "seq", "direction", "author_id", "author_name", "subject", "text", "quoted", "html", "automatic", "remarks",
    "state", "state_reason", "created_at",
)  # fmt: skip
ABOUT = ("id", "public_id", "contact_point_id", "citizen_id", "subject", "version")
CITIZEN, POINT = ("id", "public_id", "name"), ("id", "value", "name")
COLUMNS = (
    *SAID,
    *(f"interaction__{name}" for name in ABOUT),
    *(f"interaction__citizen__{name}" for name in CITIZEN),
    *(f"interaction__contact_point__{name}" for name in POINT),
)
WHICH, AFTER = UUID(int=2**127 + 7), 2_147_000_007  # stand for what is asked
KEPT = 1000  # people; the gateway's rule is made of who they are and what they were granted
_statements: dict[Reader, Prepared] = {}


def after(reader: Reader, public_id: str, last: int) -> Words | None:
    """What was said after message `last`, drawn as in the whole conversation; None = nothing this person may see."""
    found = _statement(reader).rows(UUID(public_id), last)
    if not 0 < len(found) <= MOST:
        return None
    interaction = _interaction(found[0][len(SAID) : -1])
    conversation.looked(reader.pk, interaction)
    messages = [Message.from_db(DEFAULT_DB_ALIAS, SAID, row[: len(SAID)]) for row in found]
    entries = timeline.said(interaction, messages, with_files=any(row[-1] for row in found))
    shared = {"interaction": interaction, "talk": {"who": names.who(interaction)}}
    template = get_template("desk/_message.html")
    html = "".join(template.render({**shared, "entry": entry, "message": entry.message}) for entry in entries)
    return Words(html, messages[-1].seq, interaction.version)


def _statement(reader: Reader) -> Prepared:
    known = _statements.get(reader)
    if known is not None:
        return known
    user = User.objects.get(pk=reader.pk)
    rows = access.visible(user, Message.objects.filter(interaction__public_id=WHICH, seq__gt=AFTER))
    files = Exists(Attachment.objects.filter(message=OuterRef("pk")))
    made = Prepared(rows.order_by("seq").values_list(*COLUMNS, files)[: MOST + 1], WHICH, AFTER)
    if len(_statements) >= KEPT:
        _statements.clear()
    # Not for `reader` as such: what was granted may have changed since.
    granted = frozenset((grant.role, grant.office_id, grant.queue) for grant in access.grants(user))
    _statements[Reader(user.pk, granted)] = made
    return made


def _interaction(row: list[Any]) -> Interaction:
    about, citizen = row[: len(ABOUT)], row[len(ABOUT) : -len(POINT)]
    interaction: Interaction = Interaction.from_db(DEFAULT_DB_ALIAS, ABOUT, about)
    if interaction.citizen_id is not None:
        interaction.citizen = Citizen.from_db(DEFAULT_DB_ALIAS, CITIZEN, citizen)
    if interaction.contact_point_id is not None:
        interaction.contact_point = ContactPoint.from_db(DEFAULT_DB_ALIAS, POINT, row[-len(POINT) :])
    return interaction
