"""The two answers to an offer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from contactcenter.desk import actions, cards, presence
from contactcenter.desk.doors import desk, is_fragment
from contactcenter.queues import offers
from contactcenter.queues.models import Offer
from crm.models import User


@desk("POST")
def accept(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Take it and open it. Too late is a sentence."""
    item = offers.accept(offer=Offer(pk=pk), actor=user)
    if item.interaction is None:
        return redirect("desk")
    return actions.opened(request, user, item.interaction.public_id)


@desk("POST")
def decline(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Not me, not now: it goes to somebody else."""
    offers.decline(offer=get_object_or_404(Offer.objects.select_related("item"), pk=pk, agent=user), actor=user)
    if not is_fragment(request):
        return redirect("desk")
    answer = render(request, "desk/_offers.html", {"cards": cards.of(user).cards, "at_desk": presence.of(user)})
    answer["HX-Trigger"] = "desk:changed"
    return answer
