"""The filter's dialog: choose a view, set conditions, keep them under a name."""

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from contactcenter.desk import filters, names, saved_views
from contactcenter.desk.doors import desk, is_fragment
from contactcenter.queues import rights
from crm import access
from crm.models import Office, User

WAITS = (5, 10, 30, 60, 240, 1440)  # minutes


@desk("GET")
def form(request: HttpRequest, user: User) -> HttpResponse:
    """The dialog, at the filter of the address."""
    return _dialog(request, user, filters.Filter.read(request.GET.dict()))


@desk("POST")
def keep(request: HttpRequest, user: User) -> HttpResponse:
    only, whose = _asked(request), request.POST.get("for", "")
    office = Office.objects.filter(slug=whose.removeprefix("office:")[:50]).first() if whose[:7] == "office:" else None
    try:
        saved_views.keep(
            actor=user, name=request.POST.get("name", ""), only=only, for_all=whose == "all", office=office
        )
    except saved_views.CannotKeep as error:
        return _dialog(request, user, only, sentence=str(error), name=request.POST.get("name", "")[:80])
    return _after(request, user, only)


@desk("POST")
def change(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Another name for a view, or its end."""
    view = saved_views.find(user, pk)
    if view is None:
        raise Http404
    try:
        if request.POST.get("do") == "delete":
            saved_views.delete(view=view, actor=user)
        else:
            saved_views.rename(view=view, actor=user, name=request.POST.get("name", ""))
    except saved_views.CannotKeep as error:
        return _dialog(request, user, _asked(request), sentence=str(error))
    return _after(request, user, _asked(request))


def _asked(request: HttpRequest) -> filters.Filter:
    """What is set in the lists behind the dialog."""
    return filters.Filter.read(QueryDict(request.POST.get("filter", "")[:1000]).dict())


def _after(request: HttpRequest, user: User, only: filters.Filter) -> HttpResponse:
    if is_fragment(request):
        return _dialog(request, user, only)
    return redirect(f"{reverse('desk')}?{only.query}")


def _dialog(
    request: HttpRequest, user: User, only: filters.Filter, *, sentence: str = "", name: str = ""
) -> HttpResponse:
    shown = {
        "only": only,
        "sentence": sentence,
        "name": name,
        "which": filters.which_words().items(),
        "families": filters.family_words().items(),
        "accounts": sorted(((slug, one.name) for slug, one in names.accounts().items()), key=lambda pair: pair[1]),
        "queues": rights.readable(user).filter(active=True).order_by("name").values_list("slug", "name"),
        "tongues": names.languages(),
        "topics": sorted(names.topics().items(), key=lambda pair: pair[1]),
        "waits": [(minutes, filters.longer_than(minutes)) for minutes in sorted({*WAITS, only.waits} - {0})],
        "ready": saved_views.ready(user),
        "views": [(view, saved_views.may_change(user, view)) for view in saved_views.of(user)],
        "offices": saved_views.shareable(user),
        "may_set_up": access.may(user, "settings.change"),
    }
    template = "desk/_filter.html" if is_fragment(request) else "desk/question.html"
    answer = render(request, template, {**shown, "question": "desk/_filter.html"})
    if is_fragment(request) and request.method == "POST":
        answer["HX-Trigger-After-Settle"] = "desk:ask"
    return answer
