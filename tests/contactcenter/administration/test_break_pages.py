"""Reasons for a break: named in four languages, put in order, and retired without losing what was told with them."""

import pytest
from django.test import Client

from contactcenter.desk import names
from contactcenter.queues import break_reasons, presence
from contactcenter.queues.models import BreakReason, Presence
from crm.models import AuditEntry, Event, User
from tests.people import Town

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def signed_in(user: User, language: str = "en") -> Client:
    made = Client(headers={"Accept-Language": language})
    made.force_login(user)
    return made


@pytest.fixture
def settings_desk(ada: User) -> Client:
    return signed_in(ada)


def offered(desk: Client) -> list[str]:
    return [label for _slug, label in desk.get("/desk/").context["breaks"]]


def test_the_reasons_of_always_are_there_in_everybodys_language(town: Town, anna: User) -> None:
    assert offered(signed_in(anna))[:3] == ["pause", "lunch", "meeting"]
    assert offered(signed_in(anna, "it"))[:3] == ["pausa", "pranzo", "riunione"]
    assert offered(signed_in(anna, "uk"))[1] == "обід"


def test_a_new_reason_is_offered_last_and_moved_up(settings_desk: Client, anna: User) -> None:
    form = {"slug": "sindacato", "names_it": "permesso sindacale", "names_en": ""}
    answer = settings_desk.post("/settings/new/breaks/", form)
    assert answer["Location"] == "/settings/breaks/"
    assert offered(signed_in(anna))[-1] == "permesso sindacale"  # in the house's language where it has none of theirs
    moved = settings_desk.post("/settings/breaks/sindacato/move/", {"to": "up"})
    assert moved["Location"] == "/settings/breaks/#break-sindacato"
    names.forget()
    assert offered(signed_in(anna))[-2:] == ["permesso sindacale", "technical trouble"]
    signed_in(anna).post("/desk/presence/", {"reason": "sindacato"}, headers=PART)
    assert Event.objects.get(name="presence.changed").data["reason"] == "sindacato"
    assert AuditEntry.objects.filter(subject="break-reason:sindacato", action="break-reason.created").exists()


def test_a_retired_reason_is_offered_to_nobody_and_whoever_is_on_such_a_break_stays_on_it(
    settings_desk: Client, anna: User, bruno: User
) -> None:
    presence.change(user=anna, status="away", reason="lunch")
    assert settings_desk.post("/settings/breaks/lunch/", {"names_en": "lunch"}).status_code == 302
    hers = signed_in(anna)
    assert "lunch" not in offered(hers)
    assert "on a break: lunch" in hers.get("/desk/").content.decode()
    refused = signed_in(bruno).post("/desk/presence/", {"reason": "lunch"}, headers=PART)
    assert refused.status_code == 422
    assert Presence.objects.get(user=anna).reason == "lunch"
    page = settings_desk.get("/settings/breaks/").content.decode()
    assert page.count("not in use") == 1


def test_a_name_is_needed_and_the_last_reason_stays_in_use(settings_desk: Client, ada: User, town: Town) -> None:
    page = settings_desk.post("/settings/breaks/lunch/", {"active": "on", "names_it": " "}).content.decode()
    assert "Write the name in one language at least." in page
    for reason in BreakReason.objects.exclude(slug="lunch"):
        break_reasons.change(reason=reason, actor=ada, active=False)
    page = settings_desk.post("/settings/breaks/lunch/", {"names_it": "pranzo"}).content.decode()
    assert "One reason stays in use" in page
    taken = settings_desk.post("/settings/new/breaks/", {"slug": "lunch", "names_it": "pranzo"}).content.decode()
    assert "Another reason has the short name" in taken


def test_two_on_one_reason_are_told(settings_desk: Client, ada: User, town: Town) -> None:
    seen = settings_desk.get("/settings/breaks/lunch/").context["opened"].carried
    break_reasons.change(reason=BreakReason.objects.get(slug="lunch"), actor=ada, names={"it": "mensa"})
    late = settings_desk.post("/settings/breaks/lunch/", {"active": "on", "names_it": "pranzo", "opened": seen})
    assert late.status_code == 409
    assert "mensa" in late.content.decode()


def test_agents_do_not_set_them_up(anna: User) -> None:
    hers = signed_in(anna)
    assert hers.get("/settings/breaks/").status_code == 403
    assert hers.post("/settings/breaks/lunch/move/", {"to": "up"}).status_code == 403
