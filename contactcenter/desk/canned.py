"""The canned answers that fit a conversation, for the list that a slash opens in the composer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contactcenter.desk import conversation
from contactcenter.desk.doors import desk
from contactcenter.writing import canned
from crm.models import Interaction, User

MOST_SENT = 10  # of one answer that are counted


@desk("GET")
def fitting(request: HttpRequest, user: User, public_id: str) -> HttpResponse:
    interaction = conversation.find(user, public_id)
    offered = canned.fitting(
        user, Interaction.objects.select_related("citizen", "office", "case").get(pk=interaction.pk)
    )
    return render(request, "desk/_canned.html", {"offered": offered, "language": interaction.language})


def count(request: HttpRequest, user: User) -> None:
    """What was sent was written with these."""
    given = [one for one in request.POST.getlist("canned")[:MOST_SENT] if len(one) == 36]
    if given:
        canned.use(answers=given, actor=user)
