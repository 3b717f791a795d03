"""Rules from contact to queue: what they ask, what is known, and which condition doesn't hold. Pure: no clock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FAMILIES = ("call", "chat", "written")
CITIZENS = ("anonymous", "known", "verified")
MOST_ENTRIES = 50  # in one condition
LONGEST_ENTRY = 100  # characters
LONGEST_HEARD = 10_000  # characters of what the citizen wrote; a rule listens to no more
PRIORITIES = range(-100, 101)

Citizen = Literal["anonymous", "known", "verified"]


@dataclass(frozen=True)
class Line:
    """What is known of a queue. `open` says whether its office keeps hours now; `languages` what its staff speaks."""

    name: str
    priority: int = 0
    active: bool = True
    open: bool = True
    languages: frozenset[str] = frozenset()  # ISO 639-1


@dataclass(frozen=True)
class Facts:
    """Everything a decision may rest on. Queues, topics, calendars and accounts by slug; `at` is any aware instant.

    `citizen`: "anonymous" without an identity, "known" with a claimed address, "verified" with a proven one.
    """

    account_queue: str
    at: datetime
    account: str = ""
    queues: Mapping[str, Line] = field(default_factory=dict)
    topic: str = ""
    topic_queue: str = ""  # the queue that the topic belongs to
    language: str = ""
    family: str = "written"  # call, chat, written
    subject: str = ""
    text: str = ""
    citizen: Citizen = "anonymous"
    zone: str = "UTC"
    calendars: Mapping[str, bool] = field(default_factory=dict)  # slug → open now
    automatic: bool = False  # written by a program

    @cached_property
    def heard(self) -> str:
        """Subject and text as folded words between blanks."""
        said = f"{self.subject} {self.text[:LONGEST_HEARD]}"[:LONGEST_HEARD]
        return f" {' '.join(folded(said))[:LONGEST_HEARD]} "  # one sign may unfold into eighteen

    @cached_property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.zone))

    @property
    def priority(self) -> int:
        """What the queue that comes without any rule gives."""
        line = self.queues.get(self.topic_queue) or self.queues.get(self.account_queue)
        return line.priority if line else 0


@dataclass(frozen=True)
class Weekly:
    """From `begin` until before `end` in local wall time, on these days (none = every day).

    An end before the begin lies on the next day; the day is that of the begin. `end` "24:00" is midnight.
    """

    days: tuple[str, ...] = ()
    begin: str = "00:00"
    end: str = "24:00"

    def covers(self, local: datetime) -> bool:
        begin, end, now = _time(self.begin), _time(self.end), local.time()
        if begin < end:
            return self._on(local) and begin <= now < end
        return (self._on(local) and now >= begin) or (self._on(local - timedelta(days=1)) and now < end)

    def _on(self, local: datetime) -> bool:
        return not self.days or DAYS[local.weekday()] in self.days


@dataclass(frozen=True)
class While:
    """While a calendar is open, or closed."""

    calendar: str
    open: bool = True


@dataclass(frozen=True)
class Span:
    """From `low` to `high`, both included; None = without end."""

    low: int | None = None
    high: int | None = None

    def covers(self, number: int) -> bool:
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


@dataclass(frozen=True)
class Conditions:
    """All of those that say something must hold; within one, any entry is enough. Without any, a rule always holds.

    `words`: whole words or phrases in subject or text, whatever their case and accents; a `*` at the end stands for any
    ending ("rimbors*"). `priorities` looks at the priority that the contact had without rules.
    """

    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    hours: tuple[Weekly | While, ...] = ()
    citizen: tuple[str, ...] = ()
    priorities: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Rule:
    """`account` empty = every account; `queue` empty = as otherwise; `requirements` as in `expression`."""

    id: int
    name: str
    account: str = ""
    conditions: Conditions = Conditions()
    queue: str = ""
    requirements: str = ""
    priority: int = 0  # added


# --- holding ----------------------------------------------------------------------------------------------------------


def failing(conditions: Conditions, facts: Facts) -> str:
    """The name of the first condition that doesn't hold; empty where all do."""
    for name, holds in HOLDS.items():
        entries = getattr(conditions, name)
        if entries and not any(holds(entry, facts) for entry in entries):
            return name
    return ""


def _in_hours(entry: Weekly | While, facts: Facts) -> bool:
    if isinstance(entry, While):
        return facts.calendars.get(entry.calendar) is entry.open
    return entry.covers(facts.local)


HOLDS: Mapping[str, Callable[[Any, Facts], bool]] = {  # the cheap ones first
    "topics": lambda topic, facts: topic == facts.topic,
    "languages": lambda language, facts: base(language) == base(facts.language),
    "families": lambda family, facts: family == facts.family,
    "citizen": lambda citizen, facts: citizen == facts.citizen,
    "priorities": lambda span, facts: span.covers(facts.priority),
    "hours": _in_hours,
    "words": lambda pattern, facts: is_said(pattern, facts.heard),
}


def base(language: str) -> str:
    """A language without its region: "pt-BR" → "pt"."""
    return re.split(r"[-_]", language, maxsplit=1)[0].lower()


def _time(text: str) -> time:
    return time.max if text == "24:00" else time.fromisoformat(text)


# Where words aren't set apart (Chinese, Japanese), every sign counts as a word.
SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORDS = re.compile(rf"[{SIGNS}]|[^\W_{SIGNS}]+")


def folded(text: str) -> list[str]:
    """Words without case and accents: "Città" and "CITTÀ" are "citta"."""
    if not text.isascii():
        # Marks go first: sorting thousands of them, as normalising would, takes quadratic time.
        text = _without_marks(unicodedata.normalize("NFKD", _without_marks(text).casefold()))
    return WORDS.findall(text.casefold())


def _without_marks(text: str) -> str:
    return "".join(sign for sign in text if not unicodedata.combining(sign))


@lru_cache(maxsize=5_000)
def _sought(pattern: str) -> str:
    words = folded(pattern)
    ending = "" if pattern.rstrip().endswith("*") else " "
    return f" {' '.join(words)}{ending}" if words else ""


def is_said(pattern: str, heard: str) -> bool:
    """`heard` as in `Facts.heard`. Takes time in proportion to its length, whatever the pattern."""
    sought = _sought(pattern)
    return sought != "" and sought in heard


# --- JSON in and out --------------------------------------------------------------------------------------------------


class NotUnderstood(ValueError):
    """Conditions that can't be used. Its text is a whole sentence."""


def conditions_from(json: object) -> Conditions:
    """Conditions as they are stored and sent. Raises `NotUnderstood`.

    {"topics": ["tari"], "languages": ["uk"], "families": ["call"], "words": ["rimbors*"], "citizen": ["verified"],
     "hours": [{"days": ["sat"], "from": "08:00", "to": "13:00"}, {"calendar": "town-hall", "is": "closed"}],
     "priorities": [{"from": 5, "to": 10}]}
    """
    if not isinstance(json, dict):
        raise NotUnderstood(_('Conditions are an object with lists, such as {"languages": ["uk"]}.'))
    _only_known(json, READERS, "conditions")
    return Conditions(**{name: _entries(name, json[name]) for name in json})


def to_json(conditions: Conditions) -> dict[str, list[Any]]:
    """What `conditions_from` reads back equal; conditions that say nothing are left out."""
    return {
        name: [_entry_to_json(entry) for entry in entries] for name in READERS if (entries := getattr(conditions, name))
    }


def _entry_to_json(entry: str | Weekly | While | Span) -> Any:
    if isinstance(entry, Weekly):
        return {"days": list(entry.days), "from": entry.begin, "to": entry.end}
    if isinstance(entry, While):
        return {"calendar": entry.calendar, "is": "open" if entry.open else "closed"}
    if isinstance(entry, Span):
        return {"from": entry.low, "to": entry.high}
    return entry


def _entries(name: str, entries: object) -> tuple[Any, ...]:
    if not isinstance(entries, list):
        raise NotUnderstood(_("“%(name)s” takes a list.") % {"name": name})
    if len(entries) > MOST_ENTRIES:
        sentence = _("“%(name)s” takes %(number)d entries at most. Spread them over several rules.")
        raise NotUnderstood(sentence % {"name": name, "number": MOST_ENTRIES})
    return tuple(dict.fromkeys(READERS[name](name, entry) for entry in entries))


def _only_known(json: Mapping[Any, Any], known: Any, where: str) -> None:
    unknown = [key for key in json if key not in known]
    if unknown:
        sentence = _("“%(key)s” is unknown in %(where)s. Known are: %(known)s.")
        raise NotUnderstood(sentence % {"key": str(unknown[0])[:50], "where": where, "known": ", ".join(known)})


def _text(name: str, entry: object) -> str:
    if not isinstance(entry, str) or not 0 < len(entry.strip()) <= LONGEST_ENTRY or "\x00" in entry:
        sentence = _("Entries of “%(name)s” are texts of %(number)d characters at most, and not empty.")
        raise NotUnderstood(sentence % {"name": name, "number": LONGEST_ENTRY})
    return entry.strip()


def _one_of(known: tuple[str, ...]) -> Callable[[str, object], str]:
    def read(name: str, entry: object) -> str:
        if not isinstance(entry, str) or entry not in known:
            sentence = _("Entries of “%(name)s” are among: %(known)s.")
            raise NotUnderstood(sentence % {"name": name, "known": ", ".join(known)})
        return entry

    return read


def _language(name: str, entry: object) -> str:
    text = _text(name, entry).lower()
    if not re.fullmatch(r"[a-z]{2,3}([-_][a-z0-9]{2,4})?", text):
        raise NotUnderstood(_("“%(entry)s” is no code of a language, such as it or uk.") % {"entry": text})
    return base(text)


def _word(name: str, entry: object) -> str:
    text = _text(name, entry)
    if not folded(text) or "*" in text[:-1] or text.endswith(" *"):
        sentence = _("“%(entry)s” can't be searched for. Write a word or a phrase; a * may stand at its very end.")
        raise NotUnderstood(sentence % {"entry": text})
    return text


def _hours(name: str, entry: object) -> Weekly | While:
    if not isinstance(entry, dict):
        sentence = _("Entries of “%(name)s” have days, from and to, or a calendar and whether it is open or closed.")
        raise NotUnderstood(sentence % {"name": name})
    if "calendar" in entry:
        _only_known(entry, ("calendar", "is"), name)
        return While(
            _text("calendar", entry["calendar"]), _one_of(("open", "closed"))("is", entry.get("is", "open")) == "open"
        )
    _only_known(entry, ("days", "from", "to"), name)
    days = entry.get("days", [])
    if not isinstance(days, list):
        raise NotUnderstood(_("“%(name)s” takes a list.") % {"name": "days"})
    chosen = {_one_of(DAYS)("days", day) for day in days}
    begin, end = _clock(entry.get("from", "00:00")), _clock(entry.get("to", "24:00"))
    if begin == end or begin == "24:00":
        raise NotUnderstood(_("Hours end at another time than they begin: %(time)s won't do.") % {"time": begin})
    return Weekly(tuple(day for day in DAYS if day in chosen), begin, end)


def _clock(entry: object) -> str:
    if not isinstance(entry, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", entry):
        raise NotUnderstood(_("Times are written as 08:30, from 00:00 to 24:00."))
    return entry


def _span(name: str, entry: object) -> Span:
    if not isinstance(entry, dict):
        raise NotUnderstood(_("Entries of “%(name)s” have from and to, whole numbers.") % {"name": name})
    _only_known(entry, ("from", "to"), name)
    low, high = (_priority(name, entry.get(key)) for key in ("from", "to"))
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        raise NotUnderstood(_("Entries of “%(name)s” go from a number to one that isn't lower.") % {"name": name})
    return Span(low, high)


def _priority(name: str, entry: object) -> int | None:
    if entry is None:
        return None
    if not isinstance(entry, int) or isinstance(entry, bool) or entry not in PRIORITIES:
        sentence = _("Numbers in “%(name)s” are whole and between %(low)d and %(high)d.")
        raise NotUnderstood(sentence % {"name": name, "low": PRIORITIES[0], "high": PRIORITIES[-1]})
    return entry


READERS: Mapping[str, Callable[[str, object], Any]] = {
    "topics": _text,
    "languages": _language,
    "families": _one_of(FAMILIES),
    "words": _word,
    "hours": _hours,
    "citizen": _one_of(CITIZENS),
    "priorities": _span,
}
