"""What one visitor may send and choose: told to the page beforehand, enforced at the door."""

from typing import Any

from contactcenter.accounts.models import ChannelAccount
from crm.models import Topic

FRAME = 16 * 1024  # bytes of one frame
BODY = 64 * 1024  # bytes of one JSON body

# key of the cap: (how many, in how many seconds)
SESSIONS_PER_SOURCE = (30, 600)
SESSIONS_PER_ACCOUNT = (3000, 600)
SOCKETS_PER_SOURCE = (120, 60)
MESSAGES_PER_VISITOR = (60, 60)
MESSAGES_PER_SOURCE = (600, 60)
MESSAGES_PER_ACCOUNT = (6000, 60)
UPLOADS_PER_VISITOR = (40, 600)
UPLOADS_PER_SOURCE = (200, 600)
FORMS_PER_VISITOR = (5, 600)
FORMS_PER_SOURCE = (20, 600)
FORMS_PER_ACCOUNT = (500, 600)
CALLBACKS_PER_VISITOR = (10, 600)
CALLBACKS_PER_SOURCE = (30, 600)
CALLBACKS_PER_ACCOUNT = (500, 600)
READS_PER_VISITOR = (300, 60)
TRANSCRIPTS_PER_CONVERSATION = (3, 86_400)
TRANSCRIPTS_PER_SOURCE = (20, 86_400)
TRANSCRIPTS_PER_RECEIVER = (5, 86_400)  # the address is whatever the page says: nobody's mailbox is filled through us
TRANSCRIPTS_PER_ACCOUNT = (1000, 86_400)


def of(account: ChannelAccount) -> dict[str, Any]:
    """As told to the page; sizes in bytes, lengths in characters."""
    abilities = account.adapter.abilities
    return {
        "max_length": abilities.max_length,
        "max_files": abilities.max_files if abilities.files else 0,
        "max_file_size": abilities.max_file_size,
    }


def topics(language: str) -> list[dict[str, str]]:
    """What citizens may choose from, in their language."""
    rows = Topic.objects.filter(public=True, active=True).order_by("name")
    return [{"slug": topic.slug, "name": topic.name_in(language)} for topic in rows]
