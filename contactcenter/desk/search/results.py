"""What is found. One statement for each sort; newest first, paged by the moment and number of the last row shown."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from contactcenter.desk import names
from contactcenter.desk.search.words import Piece, Question, begins, excerpt, inside, marked
from crm import access
from crm.models import Case, Citizen, ContactPoint, Interaction, Message, User

DAYS = 90  # whose words are looked through
NEWEST = 5000  # conversations whose words are looked through: a question stays short however long the memory
SIGNS = {"call": "phone", "chat": "chat", "written": "mail"}


@dataclass(frozen=True)
class Result:
    href: str
    icon: str
    title: Sequence[Piece]
    words: Sequence[Piece]  # around what was found
    at: dt.datetime | None
    note: str = ""
    part: bool = False  # the desk shows it as a part of its page


@dataclass(frozen=True)
class Results:
    sort: str
    rows: Sequence[Result]
    after: str = ""  # where the next page begins; "" = that is all


@dataclass(frozen=True)
class Key:
    at: dt.datetime
    pk: int

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """None for what isn't one."""
        micros, _dot, pk = text.partition(".")
        if not (micros.isascii() and micros.isdigit() and pk.isascii() and pk.isdigit()) or len(text) > 36:
            return None
        try:
            return cls(dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=int(micros)), int(pk))
        except OverflowError:
            return None

    def __str__(self) -> str:
        return f"{(self.at - dt.datetime.fromtimestamp(0, dt.UTC)) // dt.timedelta(microseconds=1)}.{self.pk}"


def _page(
    sort: str, rows: QuerySet[Any], moment: str, after: Key | None, most: int, draw: Callable[[Any], Result]
) -> Results:
    if after is not None:
        rows = rows.filter(Q(**{f"{moment}__lt": after.at}) | Q(**{moment: after.at, "pk__lt": after.pk}))
    found = list(rows.order_by(f"-{moment}", "-pk")[: most + 1])
    shown = found[:most]
    more = str(Key(getattr(shown[-1], moment), shown[-1].pk)) if len(found) > most else ""
    return Results(sort, [draw(row) for row in shown], more)


def _newest_talk(user: User, **of: OuterRef) -> Subquery:
    """The public id of the newest conversation that the reader may see."""
    rows = access.visible(user, Interaction.objects.filter(**of))
    return Subquery(rows.order_by("-opened_at", "-pk").values("public_id")[:1])


def _every(question: Question, one: Callable[[str], Q]) -> Q:
    found = Q()
    for word in question.words:
        found &= one(word)
    return found


def _address(question: Question, field: str) -> Q:
    return inside(field, question.number) if question.number else Q(**{f"{field}__istartswith": question.text})


def people(user: User, question: Question, *, after: Key | None = None, most: int) -> Results:
    """By the beginnings of their names, an address or a number."""
    points = ContactPoint.objects.filter(_address(question, "value"))
    readable = ContactPoint.objects.filter(Q(value__contains="@") | Q(value__startswith="+"), citizen=OuterRef("pk"))
    hit = points.filter(citizen=OuterRef("pk"))
    named = _every(question, lambda word: begins("name", word))
    rows = access.visible(user, Citizen.objects.filter(named | Q(pk__in=points.values("citizen")))).annotate(
        talk=_newest_talk(user, citizen=OuterRef("pk")),
        address=Coalesce(Subquery(hit.values("value")[:1]), Subquery(readable.order_by("-status").values("value")[:1])),
    )

    def draw(row: Any) -> Result:
        address = row.address if row.address and names.says_something(row.address) else ""
        cases = f"{reverse('desk-search')}?{urlencode({'q': row.name or question.text, 'tab': 'cases'})}"
        return Result(
            _talk(row.talk) or cases, "person", marked(row.display_name, question.words),
            marked(address, [question.number] if question.number else [question.text]), None, part=bool(row.talk),
        )  # fmt: skip

    return _page("people", rows, "created_at", after, most, draw)


def cases(user: User, question: Question, *, after: Key | None = None, most: int) -> Results:
    """By number, title or the citizen's name."""
    found = _every(
        question, lambda word: inside("number", word) | inside("subject", word) | begins("citizen__name", word)
    )
    rows = access.visible(user, Case.objects.filter(found)).select_related("citizen")
    rows = rows.annotate(talk=_newest_talk(user, case=OuterRef("pk")))

    def draw(row: Any) -> Result:
        title = f"{row.number} {row.subject}"
        who = row.citizen.display_name if row.citizen else ""
        href = _talk(row.talk) or reverse("desk-print-case", args=[row.number])
        return Result(
            href, "case", marked(title, question.words), marked(who, question.words), row.opened_at,
            row.get_status_display(), part=bool(row.talk),
        )  # fmt: skip

    return _page("cases", rows, "opened_at", after, most, draw)


def talks(user: User, question: Question, *, after: Key | None = None, most: int) -> Results:
    """By what they are about, who it is, or what was said in the last `DAYS` (of the `NEWEST` of these)."""
    lately = timezone.now() - dt.timedelta(days=DAYS)
    said = Message.objects.filter(
        _every(question, lambda word: inside("text", word)), interaction=OuterRef("pk"), created_at__gte=lately
    )
    seen = access.visible(user, Interaction.objects.filter(opened_at__gte=lately))
    recent = seen.order_by("-opened_at", "-pk").values("pk")[:NEWEST]
    about = _every(
        question,
        lambda word: (
            inside("subject", word) | inside("preview", word) | inside("case__number", word)
            | begins("citizen__name", word) | begins("contact_point__name", word)
        ),
    )  # fmt: skip
    found = about | _address(question, "contact_point__value") | (Q(pk__in=recent) & Exists(said))
    rows = access.visible(user, Interaction.objects.filter(found)).select_related("citizen", "contact_point")
    rows = rows.annotate(said=Subquery(said.order_by("-seq").values("text")[:1]))

    def draw(row: Any) -> Result:
        line = excerpt(row.said or row.subject or row.preview, question.words)
        return Result(
            _talk(row.public_id), SIGNS[row.family], marked(names.who(row), question.words),
            marked(line, question.words), row.opened_at, "" if row.is_open else row.get_status_display(), part=True,
        )  # fmt: skip

    return _page("talks", rows, "opened_at", after, most, draw)


def _talk(public_id: object) -> str:
    return reverse("desk-talk", args=[public_id]) if public_id else ""


SORTS: dict[str, Callable[..., Results]] = {"people": people, "cases": cases, "talks": talks}
