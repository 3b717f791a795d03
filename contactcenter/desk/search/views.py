"""The search page, and the parts that the command palette pulls."""

import time

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.desk.doors import desk, is_fragment, notice
from contactcenter.desk.search import words
from contactcenter.desk.search.results import DAYS, NEWEST, SORTS, Key
from crm import access
from crm.models import User

GLANCE = 8  # of each sort, where all are shown
PAGE = 20
A_MINUTE = 120  # questions of one person: quicker than anybody types
TITLES = {"people": gettext_lazy("People"), "cases": gettext_lazy("Cases"), "talks": gettext_lazy("Conversations")}


@desk("GET")
def page(request: HttpRequest, user: User) -> HttpResponse:
    """Everything found, or one sort of it in pages; for the palette a part with the first of each."""
    question = words.read(request.GET.get("q", ""))
    if question and _too_quick(user):
        return notice(request, _("Those were many searches in a minute. Wait a moment, then try again."), status=429)
    sort = request.GET.get("tab", "")
    chosen = [sort] if sort in SORTS and not is_fragment(request) else list(SORTS)
    most = PAGE if len(chosen) == 1 else GLANCE
    after = Key.read(request.GET.get("after", "")) if len(chosen) == 1 else None
    groups = [SORTS[one](user, question, after=after, most=most) for one in chosen] if question else []
    shown = {
        "question": question,
        "groups": [(group, TITLES[group.sort]) for group in groups if group.rows],
        "tabs": TITLES.items(),
        "tab": sort if len(chosen) == 1 else "",
        "days": DAYS,
        "newest": NEWEST,
        "longest": words.LONGEST,
        "shortest": words.SHORTEST,
        "later": after is not None,
        "may_set_up": access.may(user, "settings.change"),
        "may_lead": access.may(user, "presence.force"),
    }
    return render(request, "desk/_found.html" if is_fragment(request) else "desk/search.html", shown)


@desk("GET")
def palette(request: HttpRequest, user: User) -> HttpResponse:
    """The empty palette: its words, in the reader's language."""
    return render(request, "desk/_palette.html", {"longest": words.LONGEST, "days": DAYS, "newest": NEWEST})


def _too_quick(user: User) -> bool:
    key = f"searched:{user.pk}:{int(time.time()) // 60}"
    cache.add(key, 0, 120)
    try:
        return cache.incr(key) > A_MINUTE
    except ValueError:  # forgotten in between
        return False
