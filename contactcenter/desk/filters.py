"""What somebody wants to see of the line: by queue, channel account, language, how long it waits, who or what."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from contactcenter.desk import names
from contactcenter.queues.models import WorkItems

COOKIE = "line"  # what was chosen last, so that a reload and the next day begin with it
A_MONTH = 30 * 24 * 3600
LONGEST_WORDS = 60
MOST_MINUTES = 60 * 24 * 30
MARK = "f"  # a request with this parameter chooses; one without goes on with what was chosen


@dataclass(frozen=True)
class Filter:
    """`queue` and `account` are slugs, `longer` minutes. Empty = everything."""

    queue: str = ""
    account: str = ""
    language: str = ""
    longer: int = 0
    words: str = ""

    def __bool__(self) -> bool:
        return self != Filter()

    @property
    def text(self) -> str:
        """As it stands in an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    def without(self, name: str) -> "Filter":
        return replace(self, **{name: type(getattr(self, name))()})

    def narrow(self, rows: WorkItems) -> WorkItems:
        """The order of the line stays, so that it is still read along its index."""
        if self.queue:
            rows = rows.filter(queue__slug=self.queue)
        if self.account:
            rows = rows.filter(interaction__account=self.account)
        if self.language:
            rows = rows.filter(interaction__language__startswith=self.language)
        if self.longer:
            rows = rows.filter(queued_at__lte=timezone.now() - timedelta(minutes=self.longer))
        return rows.filter(self._said()) if self.words else rows

    def _said(self) -> Q:
        found = Q()
        for field in ("preview", "subject", "citizen__name", "contact_point__name", "contact_point__value"):
            found |= Q(**{f"interaction__{field}__icontains": self.words})
        return found

    def parts(self) -> list[tuple[str, str]]:
        """What is asked for, in words, each with the filter that is left when it is lifted."""
        said = {
            "queue": names.queues().get(self.queue, self.queue),
            "account": names.channel(names.accounts(), self.account).name if self.account else "",
            "language": names.language(self.language) if self.language else "",
            "longer": ngettext("longer than %(n)d minute", "longer than %(n)d minutes", self.longer)
            % {"n": self.longer}
            if self.longer
            else "",
            "words": _("“%(words)s”") % {"words": self.words} if self.words else "",
        }
        return [(words, self.without(name).text) for name, words in said.items() if words]

    @property
    def moment(self) -> str:
        """What it shows changes with the minute where it asks how long."""
        return f"{timezone.now():%H%M}" if self.longer else ""


def read(given: Mapping[str, str]) -> Filter:
    """From an address or a kept text; what makes no sense is left out."""
    longer = given.get("longer", "")
    return Filter(
        queue=_slug(given.get("queue", "")),
        account=_slug(given.get("account", "")),
        language=given.get("language", "")[:2].lower() if given.get("language", "").isalpha() else "",
        longer=min(int(longer), MOST_MINUTES) if longer.isascii() and longer.isdigit() and len(longer) < 7 else 0,
        words=" ".join(given.get("words", "").replace("\x00", "").split())[:LONGEST_WORDS],
    )


def _slug(text: str) -> str:
    return text if len(text) <= 50 and text.replace("-", "").replace("_", "").isalnum() and text.isascii() else ""


def parsed(text: str) -> Filter:
    return read(dict(parse_qsl(text[:500])))


def chosen(request: HttpRequest) -> Filter:
    """By this address, else as it was chosen last."""
    return read(request.GET.dict()) if MARK in request.GET else parsed(request.COOKIES.get(COOKIE, ""))


def remember(request: HttpRequest, answer: HttpResponse, filter_: Filter) -> HttpResponse:
    if MARK not in request.GET:
        return answer
    if filter_:
        answer.set_cookie(COOKIE, filter_.text, max_age=A_MONTH, samesite="Lax", path="/desk/", httponly=True)
    else:
        answer.delete_cookie(COOKIE, path="/desk/", samesite="Lax")
    return answer
