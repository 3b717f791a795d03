"""Which part of the lists on the left is shown. A filter lives in the address: it can be sent on, and outlives a reload."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from contactcenter.desk import names

if TYPE_CHECKING:
    from contactcenter.desk.rows import Item

LONGEST_WORDS, LONGEST_WAIT = 60, 7 * 24 * 60  # characters; minutes
WHICH = ("mine", "unread", "parked", "unfilled", "unassigned")
FAMILIES = ("chat", "call", "written")
FAMILY = "~"  # before a family, where an account would stand: slugs have no tilde


class Part(NamedTuple):
    """One condition of a filter, in words, and the filter without it."""

    words: str
    without: str


@dataclass(frozen=True)
class Filter:
    """Everything empty: everything is shown."""

    which: str = ""  # one of `WHICH`
    channel: str = ""  # an account's slug, or `FAMILY` and a family of channels
    queue: str = ""  # a slug
    language: str = ""  # two letters
    topic: int = 0
    waits: int = 0  # minutes at least
    words: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Filter":
        """What isn't a filter of ours is no condition: an address is typed by whoever likes."""
        which, language = given.get("which", ""), given.get("language", "")[:2].lower()
        return cls(
            which=which if which in WHICH else "",
            channel=_slug(given.get("channel", "")),
            queue=_slug(given.get("queue", "")),
            language=language if language.isascii() and language.isalpha() and len(language) == 2 else "",
            topic=_number(given.get("topic", ""), 2**31 - 1),
            waits=_number(given.get("waits", ""), LONGEST_WAIT),
            words=" ".join(given.get("words", "").replace("\0", "").split())[:LONGEST_WORDS],
        )

    def __bool__(self) -> bool:
        return self != NOTHING

    @property
    def query(self) -> str:
        """As it stands in an address; "" = no filter."""
        return urlencode({one.name: value for one in fields(self) if (value := getattr(self, one.name))})

    @property
    def shows_line(self) -> bool:
        """What waits for somebody is part of it."""
        return self.which in {"", "unassigned"}

    @property
    def shows_mine(self) -> bool:
        return self.which in {"", "mine", "unread"}

    def parts(self) -> list[Part]:
        """Each condition in words, to be lifted one by one."""
        told = {
            "which": lambda: which_words()[self.which],
            "channel": self._channel_words,
            "queue": lambda: _("queue: %(name)s") % {"name": names.queues().get(self.queue, self.queue)},
            "language": lambda: _("language: %(name)s") % {"name": names.language(self.language)},
            "topic": lambda: _("topic: %(name)s") % {"name": names.topics().get(self.topic, "?")},
            "waits": lambda: longer_than(self.waits),
            "words": lambda: _("with “%(words)s”") % {"words": self.words},
        }
        return [Part(say(), self._without(name)) for name, say in told.items() if getattr(self, name)]

    def _without(self, name: str) -> str:
        nothing: Any = getattr(NOTHING, name)
        return replace(self, **{name: nothing}).query

    def _channel_words(self) -> str:
        known = family_words().get(self.channel) or names.channel(names.accounts(), self.channel).name
        return _("channel: %(name)s") % {"name": known}

    def condition(self) -> Q:
        """On work items that wait."""
        found = Q()
        if self.channel.startswith(FAMILY):
            found &= Q(family=self.channel.removeprefix(FAMILY))
        elif self.channel:
            found &= Q(interaction__account=self.channel)
        if self.language:
            found &= Q(interaction__language__startswith=self.language)
        if self.topic:
            found &= Q(interaction__topic_id=self.topic)
        if self.waits:
            found &= Q(queued_at__lte=timezone.now() - timedelta(minutes=self.waits))
        return found & self._says() if self.words else found

    def _says(self) -> Q:
        columns = (
            "interaction__preview", "interaction__subject", "interaction__citizen__name",
            "interaction__contact_point__name", "interaction__contact_point__value",
        )  # fmt: skip
        said = Q()
        for column in columns:
            said |= Q(**{f"{column}__icontains": self.words})
        return said

    def holds(self, item: "Item") -> bool:
        """The same for what was read already: one's own few rows."""
        said = f"{item.preview}\n{item.subject}\n{item.citizen_name or ''}\n{item.sender or ''}\n{item.address or ''}"
        since = item.awaiting_since
        family = self.channel.removeprefix(FAMILY) if self.channel.startswith(FAMILY) else ""
        return (
            (not family or item.family == family)
            and (family != "" or self.channel in {"", item.account})
            and (not self.queue or self.queue == names.queue_slug(item.queue))
            and item.language.lower().startswith(self.language)
            and self.topic in {0, item.topic}
            and (not self.waits or (since is not None and since <= timezone.now() - timedelta(minutes=self.waits)))
            and self.words.lower() in said.lower()
        )


NOTHING = Filter()


def which_words() -> dict[str, str]:
    return {
        "mine": _("with me"),
        "unread": _("with something new"),
        "parked": _("put aside"),
        "unfilled": _("not filled in"),
        "unassigned": _("with nobody yet"),
    }


def family_words() -> dict[str, str]:
    return {
        f"{FAMILY}chat": _("all chats"),
        f"{FAMILY}call": _("all calls"),
        f"{FAMILY}written": _("all letters and mails"),
    }


def longer_than(minutes: int) -> str:
    if minutes % 60 == 0:
        return ngettext("waiting longer than %(n)d hour", "waiting longer than %(n)d hours", minutes // 60) % {
            "n": minutes // 60
        }
    return ngettext("waiting longer than %(n)d minute", "waiting longer than %(n)d minutes", minutes) % {"n": minutes}


def _slug(text: str) -> str:
    kept = text[:51]
    return kept if kept.removeprefix(FAMILY).replace("-", "").replace("_", "").isalnum() else ""


def _number(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 10 else 0
