"""Finding people, cases and conversations, under the reader's own rights; for the palette and for a page of its own."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contactcenter.desk import names, page
from contactcenter.desk.doors import desk, is_fragment
from crm import access, audit
from crm.models import Case, Citizen, Interaction, Message, User

SHORTEST, LONGEST = 2, 80  # characters asked for
IN_PALETTE, ON_PAGE = 6, 50  # of each sort
BACK = timedelta(days=90)  # words that were said are looked for so far back
MOST_MESSAGES = 300  # that have the words; the newest
SAME_QUESTION = 600  # seconds in which asking again is not recorded again


@dataclass(frozen=True)
class Hit:
    """One thing found. `title` and `detail` have what was looked for marked."""

    key: str
    icon: str
    title: SafeString
    detail: SafeString
    href: str
    at: datetime


@dataclass(frozen=True)
class Found:
    people: Sequence[Hit] = ()
    cases: Sequence[Hit] = ()
    talks: Sequence[Hit] = ()

    @property
    def count(self) -> int:
        return len(self.people) + len(self.cases) + len(self.talks)


@desk("GET")
def search(request: HttpRequest, user: User) -> HttpResponse:
    """What was found: options for the palette, or a page."""
    asked = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST]
    fragment = is_fragment(request)
    found = find(user, asked, IN_PALETTE if fragment else ON_PAGE) if len(asked) >= SHORTEST else Found()
    if len(asked) >= SHORTEST:
        _record(user, asked, found)
    shown = {"asked": asked, "found": found, "short": len(asked) < SHORTEST, "days": BACK.days}
    if fragment:
        return render(request, "desk/_found.html", shown)
    return render(request, "desk/search.html", {**shown, **page.around(user)})


@desk("GET")
def palette(request: HttpRequest, user: User) -> HttpResponse:
    return render(request, "desk/_palette.html")


def find(user: User, asked: str, most: int) -> Found:
    """At most `most` of each sort. Three statements and the reader's grants."""
    return Found(_people(user, asked, most), _cases(user, asked, most), _talks(user, asked, most))


def _people(user: User, asked: str, most: int) -> list[Hit]:
    address = asked.replace(" ", "")
    wanted = Q(name__icontains=asked) | Q(contact_points__value__istartswith=address)
    talk = access.visible(user, Interaction.objects.filter(citizen=OuterRef("pk"))).order_by("-opened_at")
    rows = access.visible(user, Citizen.objects.filter(wanted)).annotate(talk=Subquery(talk.values("public_id")[:1]))
    rows = rows.filter(talk__isnull=False).order_by("-created_at", "-id").distinct()
    return [
        Hit(
            f"p{row.pk}",
            "person",
            _marked(row.display_name, asked),
            _marked("", asked),
            _href(row.talk),
            row.created_at,
        )
        for row in rows[:most]
    ]


def _cases(user: User, asked: str, most: int) -> list[Hit]:
    wanted = Q(number__icontains=asked) | Q(subject__icontains=asked) | Q(citizen__name__icontains=asked)
    talk = access.visible(user, Interaction.objects.filter(case=OuterRef("pk"))).order_by("-opened_at")
    rows = access.visible(user, Case.objects.filter(wanted)).annotate(talk=Subquery(talk.values("public_id")[:1]))
    rows = rows.filter(talk__isnull=False).select_related("citizen").order_by("-opened_at", "-id")
    return [
        Hit(
            f"c{row.pk}", "case", _marked(f"{row.number} · {row.subject}", asked),
            _marked(row.citizen.display_name if row.citizen else "", asked), _href(row.talk), row.opened_at,
        )
        for row in rows[:most]
    ]  # fmt: skip


def _talks(user: User, asked: str, most: int) -> list[Hit]:
    said = Message.objects.filter(text__icontains=asked, created_at__gte=timezone.now() - BACK)
    wanted = Q(subject__icontains=asked) | Q(pk__in=said.order_by("-id").values("interaction")[:MOST_MESSAGES])
    first = Message.objects.filter(interaction=OuterRef("pk"), text__icontains=asked).order_by("-id").values("text")[:1]
    rows = access.visible(user, Interaction.objects.filter(wanted)).annotate(said=Subquery(first))
    rows = rows.select_related("citizen", "contact_point").order_by("-opened_at", "-id")
    accounts = names.accounts()
    return [
        Hit(
            f"t{row.pk}", names.channel(accounts, row.account).icon,
            _marked(f"{names.who(row)} · {row.subject or row.preview or _('without words')}", asked),
            _marked(_around(row.said or "", asked), asked), _href(row.public_id), row.opened_at,
        )
        for row in rows[:most]
    ]  # fmt: skip


def _href(public_id: object) -> str:
    return reverse("desk-talk", args=[public_id])


def _around(text: str, asked: str, width: int = 50) -> str:
    """The words found, with a little before and after, on one line."""
    place = text.lower().find(asked.lower())
    if place < 0:
        return ""
    begins, ends = max(0, place - width), place + len(asked) + width
    cut = " ".join(text[begins:ends].split())
    return f"{'…' if begins else ''}{cut}{'…' if ends < len(text) else ''}"


def _marked(text: str, asked: str) -> SafeString:
    """Escaped, what was looked for between <mark>."""
    pieces = re.split(f"({re.escape(asked)})", text, flags=re.IGNORECASE)
    return format_html_join(
        "",
        "{}",
        ((format_html("<mark>{}</mark>", piece) if number % 2 else piece,) for number, piece in enumerate(pieces)),
    )


def _record(user: User, asked: str, found: Found) -> None:
    """Who looked for whom stands in the record; each question once, however often its answer is drawn."""
    key = f"searched:{user.pk}:{hashlib.sha256(asked.lower().encode()).hexdigest()[:20]}"
    if cache.get(key) is None:
        audit.record(
            "search.made", subject=f"person:{user.public_id}", actor=user, purpose=asked, data={"found": found.count}
        )
        cache.set(key, 1, SAME_QUESTION)
