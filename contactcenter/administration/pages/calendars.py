"""Calendars: which there are, setting one up with a preview of the coming days, taking one away."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.administration.pages import calendar_preview
from contactcenter.administration.pages.calendar_form import HOURS, CalendarForm, language
from contactcenter.administration.pages.doors import administrator
from contactcenter.administration.pages.opened import Opened, alone
from contactcenter.queues import calendars as queue_calendars
from contactcenter.sla import checking, office_calendars, public_holidays
from contactcenter.sla.calendars import DAYS
from contactcenter.sla.models import OfficeCalendar
from crm.models import User

LOOK = "look"  # the button that shows the preview and keeps nothing
EXCEPTIONS = ("closed_days", "special_hours")
HOLIDAYS = ("holidays", "subdivision")


@administrator("settings.change")
def index(request: HttpRequest, user: User) -> HttpResponse:
    return render(
        request, "settings/calendars.html", {"calendars": [_row(each) for each in OfficeCalendar.objects.all()]}
    )


def _row(row: OfficeCalendar) -> dict[str, Any]:
    calendar, now, tongue = office_calendars.calendar_of(row), timezone.now(), language()
    part = dict(public_holidays.subdivisions(row.holidays)).get(row.subdivision, row.subdivision)
    country = dict(public_holidays.countries(tongue)).get(row.holidays, row.holidays)
    return {
        "calendar": row,
        "week": [
            (checking.DAY_NAMES[day], ", ".join(map(checking.written, row.week[day])))
            for day in DAYS
            if day in row.week
        ],
        "holidays": ", ".join(filter(None, (country, part))),
        "is_open": calendar.is_open(now),
        "state": calendar_preview.state(calendar, now),
        "warnings": list(calendar_preview.warnings(calendar, tongue)),
    }


@administrator("settings.change", "GET", "POST")
def create(request: HttpRequest, user: User) -> HttpResponse:
    form = CalendarForm(_given(request), looks=_only_looks(request))
    if _is_to_be_kept(request, form):
        try:
            made = office_calendars.create(slug=form.cleaned_data["slug"], actor=user, **form.columns())
        except checking.Wrong as error:
            form.tell(error.faults)
        else:
            messages.success(request, _("%(name)s is set up.") % {"name": made.name})
            return redirect("settings-calendar", made.slug)
    return render(request, "settings/calendar.html", _page(form, None))


@administrator("settings.change", "GET", "POST")
def edit(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    with alone(request, OfficeCalendar.objects.filter(slug=slug)):
        return _edited(request, user, slug)


def _edited(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    calendar = get_object_or_404(OfficeCalendar, slug=slug)
    form = CalendarForm(_given(request), calendar=calendar, looks=_only_looks(request))
    opened = Opened(request, user, form, kind="calendar", name=slug)
    if _is_to_be_kept(request, form) and not opened.is_refused():
        try:
            office_calendars.change(calendar=calendar, actor=user, **form.columns())
        except checking.Wrong as error:
            form.tell(error.faults)
        else:
            messages.success(request, _("Kept. What is set here holds from now on."))
            return redirect("settings-calendar", calendar.slug)
    return render(request, "settings/calendar.html", {**_page(form, calendar), "opened": opened}, status=opened.status)


@administrator("settings.change", "POST")
def preview(request: HttpRequest, user: User, slug: str = "") -> HttpResponse:
    """The preview alone, and the parts of the country that is chosen: the page asks while somebody edits it."""
    calendar = get_object_or_404(OfficeCalendar, slug=slug) if slug else None
    page = _page(CalendarForm(_given(request), calendar=calendar, looks=True), calendar)
    return render(request, "settings/_calendar_preview.html", {**page, "fragment": True})


@administrator("settings.change", "POST")
def remove(request: HttpRequest, user: User, slug: str) -> HttpResponse:
    calendar = get_object_or_404(OfficeCalendar, slug=slug)
    try:
        queue_calendars.remove(calendar=calendar, actor=user)
    except queue_calendars.InUse as error:
        messages.error(request, str(error))
        return redirect("settings-calendar", slug)
    messages.success(request, _("%(name)s is removed.") % {"name": calendar.name})
    return redirect("settings-calendars")


def _given(request: HttpRequest) -> Any:
    """What was sent; None for a page that is only opened. Where one looks at another country, its parts begin anew."""
    if request.method != "POST":
        return None
    given = request.POST.copy()
    if _only_looks(request) and given.get("parts_of", "") != given.get("holidays", ""):
        given["subdivision"] = ""
    return given


def _only_looks(request: HttpRequest) -> bool:
    return LOOK in request.POST or bool(request.headers.get("HX-Request"))


def _is_to_be_kept(request: HttpRequest, form: CalendarForm) -> bool:
    return form.is_bound and form.is_valid() and not _only_looks(request)


def _page(form: CalendarForm, calendar: OfficeCalendar | None) -> dict[str, Any]:
    """What the page and its preview show."""
    shown = None
    if form.is_bound:
        shown = calendar_preview.preview(form.calendar(), language()) if form.is_valid() else None
    elif calendar is not None:
        shown = calendar_preview.preview(office_calendars.calendar_of(calendar), language())
    special = {*EXCEPTIONS, *HOLIDAYS, "parts_of"}
    return {
        "calendar": calendar, "form": form, "preview": shown, "zones": checking.zones(),
        "hours": [form[HOURS + day] for day in DAYS],
        "holidays": form["holidays"], "subdivision": form["subdivision"],
        "exceptions": [form[name] for name in EXCEPTIONS],
        "plain": [form[name] for name in form.fields if name not in special and not name.startswith(HOURS)],
    }  # fmt: skip
