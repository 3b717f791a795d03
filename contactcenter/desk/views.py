"""Pages of the desk and the fragments they pull. Reading only: what changes something is in `actions`."""

import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contactcenter.desk import conversation, filters, fragments, guide, names, timeline, work
from contactcenter.desk.doors import desk, is_fragment
from crm import access
from crm.models import User


@desk("GET")
def home(request: HttpRequest, user: User) -> HttpResponse:
    """The desk with nothing open."""
    _etag, context = fragments.mine(user, lambda found: "", _begins(request), _only(request))
    guided = guide.of(request, user)
    shown = {"guide": guided, "teach": guided is None and guide.is_new_here(user)}
    return render(request, "desk/desk.html", {**context(), **_page(user), **shown})


@desk("GET")
def mine(request: HttpRequest, user: User) -> HttpResponse:
    """The left region, the tabs and the header's presence."""
    begins, only, opened = _begins(request), _only(request), request.GET.get("open", "")[:40]
    etag, context = fragments.mine(
        user, lambda found: fragments.mark(user, found, str(begins), opened, only.query, _minute(only)), begins, only
    )
    return fragments.unchanged(request, etag) or _tagged(
        render(request, "desk/_mine.html", {**context(), "open": opened, "guide": guide.of(request, user)}), etag
    )


@desk("GET")
def talk(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """A conversation and its person: as a part for the page, or as the whole desk."""
    before = _number(request.GET.get("before", ""))
    found, context = fragments.talk(user, public_id, before=before)
    if not is_fragment(request):
        _etag, around = fragments.mine(user, lambda _found: "", None, _only(request))
        page = {**_page(user), "open": str(public_id), "guide": guide.of(request, user)}
        return render(request, "desk/desk.html", {**around(), **context(), **page})
    etag = fragments.mark(user, found, before)
    return fragments.unchanged(request, etag) or _tagged(render(request, "desk/_talk.html", context()), etag)


@desk("GET")
def folded(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    """What was said elsewhere, to be read where it is unfolded; looking at it is recorded like any other look."""
    interaction = conversation.open(user, public_id)
    shown = {
        "interaction": interaction,
        "entries": timeline.of(interaction).entries,
        "talk": {"who": names.who(interaction)},
        "fold": f"p{interaction.pk}",
    }
    return render(request, "desk/_folded.html", shown)


@desk("GET")
def shortcuts(request: HttpRequest, user: User) -> HttpResponse:
    return render(request, "desk/_shortcuts.html")


def _page(user: User) -> dict[str, object]:
    offices = {grant.office_id for grant in access.grants(user) if grant.office_id is not None}
    return {
        "me": user,
        "desk": True,
        "office_name": names.office(offices.pop()) if len(offices) == 1 else "",
        "may_set_up": access.may(user, "settings.change"),
        "may_lead": access.may(user, "presence.force"),
    }


def _tagged(answer: HttpResponse, etag: str) -> HttpResponse:
    answer["ETag"] = etag
    return answer


def _begins(request: HttpRequest) -> work.Key | None:
    return work.Key.read(request.GET.get("after", ""))


def _only(request: HttpRequest) -> filters.Filter:
    return filters.Filter.read(request.GET.dict())


def _minute(only: filters.Filter) -> int:
    """Who waits longer than so long changes by the clock alone."""
    return int(time.time() // 60) if only.waits else 0


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
