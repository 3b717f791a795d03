"""The pretend mail program: what the newcomer sent, what the office sent, and a way to write and to answer."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contactcenter.demo_street import boxes, letters, post
from contactcenter.demo_street.boxes import Box
from contactcenter.demo_street.forms import AnswerForm, MailForm
from contactcenter.demo_street.letters import Letter
from contactcenter.demo_street.models import DemoMail
from contactcenter.demo_street.pages import street_page
from contactcenter.files import names
from contactcenter.intake import caps

SHOWN = 50
PER_BOX = (20, 600)  # mails per seconds
PER_SOURCE = (60, 600)


@require_safe
@street_page
def mailbox(request: HttpRequest) -> HttpResponse:
    return _page(request, "demo_street/mailbox.html", boxes.mine(request))


@require_safe
@street_page
def news(request: HttpRequest) -> HttpResponse:
    """The list again where something came in since `after`, else nothing (204): the page asks every three seconds."""
    box = boxes.mine(request)
    rows = _rows(box)
    if _mark(rows) == request.GET.get("mark", ""):
        return HttpResponse(status=204)
    return render(request, "demo_street/_mails.html", _list(rows, request.GET.get("open", "")))


@require_http_methods(["GET", "HEAD", "POST"])
@street_page
def write(request: HttpRequest) -> HttpResponse:
    box = boxes.mine(request)
    form = MailForm(request.POST or None, request.FILES or None, initial={"name": box.name})
    if request.method == "POST" and form.is_valid():
        box = boxes.rename(request, form.cleaned_data["name"])
        sent = _send(request, form, box, form.cleaned_data["subject"], form.cleaned_data["text"])
        if sent is not None:
            return redirect("demo-mail", public_id=sent.public_id)
    return _page(request, "demo_street/write.html", box, form=form, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@street_page
def mail(request: HttpRequest, public_id: str) -> HttpResponse:
    box = boxes.mine(request)
    found = get_object_or_404(DemoMail, public_id=public_id, box=box.address)
    if not found.seen:
        DemoMail.objects.filter(pk=found.pk).update(seen=True)
    letter = letters.of(found)
    form = AnswerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and found.from_office and form.is_valid():
        sent = _send(request, form, box, _answer_subject(letter), _answer_text(form, letter, found), letter)
        if sent is not None:
            return redirect("demo-mail", public_id=sent.public_id)
    shown = {"mail": found, "letter": letter, "form": form}
    return _page(request, "demo_street/mail.html", box, opened=str(found.public_id), status=_status(form), **shown)


@require_safe
@street_page
def source(request: HttpRequest, public_id: str) -> HttpResponse:
    """The bytes of a mail, as they travelled."""
    found = get_object_or_404(DemoMail, public_id=public_id, box=boxes.mine(request).address)
    text = bytes(found.raw).decode("utf-8", "replace")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@street_page
def enclosure(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """A file of a mail: always saved, never shown."""
    found = get_object_or_404(DemoMail, public_id=public_id, box=boxes.mine(request).address)
    enclosures = letters.of(found).enclosures
    if number >= len(enclosures):
        raise Http404
    answer = HttpResponse(enclosures[number].body, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(True, names.clean(enclosures[number].name))
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _send(
    request: HttpRequest, form: AnswerForm, box: Box, subject: str, text: str, answered: Letter | None = None
) -> DemoMail | None:
    """None where it could not be sent; the form says why."""
    try:
        caps.cap(f"demo-mail:{box.address}", *PER_BOX)
        caps.cap(f"demo-mail-source:{caps.source(request)}", *PER_SOURCE)
        return post.send(box=box, subject=subject, text=text, answered=answered, enclosure=form.enclosure())
    except caps.TooMany as error:
        form.add_error(None, _("That is a lot of mail. Try again in %(n)d seconds.") % {"n": error.retry_after})
    except post.NotSent as error:
        form.add_error(None, str(error))
    return None


def _status(form: AnswerForm) -> int:
    return 422 if form.is_bound and form.errors else 200


def _answer_subject(letter: Letter) -> str:
    return letter.subject if letter.subject.lower().startswith("re:") else f"Re: {letter.subject}"


def _answer_text(form: AnswerForm, letter: Letter, answered: DemoMail) -> str:
    """The answer above, the office's words quoted below, as mail programs do."""
    when = date_format(timezone.localtime(answered.at), "d/m/Y H:i")
    intro = _("On %(when)s, %(who)s wrote:") % {"when": when, "who": letter.sender}
    return f"{form.cleaned_data['text']}\n\n{intro}\n{letters.quoted(letter.text)}\n"


# --- what is shown ---


def _rows(box: Box) -> list[DemoMail]:
    return list(DemoMail.objects.filter(box=box.address).order_by("-id")[:SHOWN])


def _mark(rows: list[DemoMail]) -> str:
    """Changes when a mail comes or is opened."""
    return f"{rows[0].pk if rows else 0}-{sum(not row.seen for row in rows)}"


def _list(rows: list[DemoMail], opened: str) -> dict[str, Any]:
    mails = [{"row": row, "letter": letters.of(row), "open": str(row.public_id) == opened} for row in rows]
    return {"mails": mails, "mark": _mark(rows), "opened": opened, "unseen": sum(not row.seen for row in rows)}


def _page(
    request: HttpRequest, template: str, box: Box, *, opened: str = "", status: int = 200, **shown: Any
) -> HttpResponse:
    try:
        address = post.office_address()
    except post.NotSent:
        address = ""
    everything = {
        "box": box, "office_address": address, "languages": settings.LANGUAGES, **_list(_rows(box), opened), **shown,
    }  # fmt: skip
    return render(request, template, everything, status=status)
