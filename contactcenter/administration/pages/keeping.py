"""What every form that keeps one thing does: ask, let the verb judge, say so and go back, or show the faults."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from contactcenter.administration.pages.fields import TellingForm
from contactcenter.administration.pages.opened import Opened
from contactcenter.queues.checking import Wrong


def kept(
    request: HttpRequest,
    form: TellingForm,
    verb: Callable[[], object],
    *,
    said: str,
    leads_to: str,
    page: str,
    opened: Opened | None = None,
    **shown: Any,
) -> HttpResponse:
    """`said` is the sentence once it is kept, `leads_to` the name of the address that follows, `page` the template.

    `opened` says what the form was filled from: 409 where somebody else changed it since.
    """
    if form.is_bound and form.is_valid() and not (opened and opened.is_refused()):
        try:
            verb()
        except Wrong as error:
            form.tell(error)
        else:
            messages.success(request, said)
            return redirect(leads_to)
    shown |= {"form": form, "opened": opened}
    return render(request, page, shown, status=opened.status if opened else 200)
