"""The supervisor's page: people, lines and work, live by heads, filtered, paged by key, and moved in whole filters."""

import re

import pytest
from django.test import Client

from contactcenter.desk import crew, team
from contactcenter.live import heads, topics
from contactcenter.queues import presence, roster
from contactcenter.queues.models import WorkItem
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, take
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def lead(diego: User, anna: User, bruno: User, carla: User, sign_in: SignIn) -> Client:
    """Diego, who leads everybody."""
    return sign_in(diego)


def section(html: str, name: str) -> str:
    start = html.index(f'id="team-{name}"')
    return html[start : html.index("</section>", start)]


def shown(lead: Client, **by: str) -> str:
    return lead.get("/desk/team/", by, headers=PART).content.decode()


def test_conversations_stand_with_whoever_has_them_and_opening_one_is_watching(
    with_anna: Interaction, lead: Client
) -> None:
    html = section(shown(lead), "people")
    row = html[html.index("Anna Bianchi") :].split("</tr>")[0]
    assert "Giulia Ferri" in row
    assert at(with_anna, "watch/") in row


def test_lines_say_how_many_wait_how_long_and_who_serves_them(giulia: Interaction, bruno: User, lead: Client) -> None:
    row = section(shown(lead), "lines").split("<tr")[2]
    assert "Accoglienza" in row
    assert "nobody" in row
    presence.change(user=bruno, status="available")
    roster.forget()
    row = section(shown(lead), "lines").split("<tr")[2]
    assert re.findall(r'class="num"[^>]*>(\d+)<', row) == ["1", "1"]


def test_a_changed_presence_and_a_claim_are_news_and_nothing_else_is(
    giulia: Interaction, anna: User, bruno: User, lead: Client
) -> None:
    answer = lead.get("/desk/team/", headers=PART)
    assert lead.get("/desk/team/", headers={**PART, "If-None-Match": answer["ETag"]}).status_code == 304
    presence.change(user=bruno, status="available")
    second = lead.get("/desk/team/", headers={**PART, "If-None-Match": answer["ETag"]})
    assert second.status_code == 200
    take(giulia, anna)
    assert lead.get("/desk/team/", headers={**PART, "If-None-Match": second["ETag"]}).status_code == 200


def test_only_who_leads_may_watch_the_teams_topic(anna: User, diego: User) -> None:
    assert topics.allowed(anna, ["team.all"]) == set()
    assert topics.allowed(diego, ["team.all", "team.others"]) == {"team.all"}
    assert set(heads.now(["team.all"])) == {"team.all"}


def test_people_are_filtered_by_queue_and_presence(town: Town, bruno: User, lead: Client) -> None:
    presence.change(user=bruno, status="available")
    assert "Carla Riva" not in section(shown(lead, queue="accoglienza"), "people")
    assert "Carla Riva" in section(shown(lead, queue="tributi"), "people")
    html = section(shown(lead, status="available"), "people")
    assert "Bruno Conti" in html
    assert "Anna Bianchi" not in html


def test_work_is_paged_by_key_without_an_end_at_two_hundred(
    write: Write, lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "PAGE", 2)
    for n in range(5):
        write(f"Numero {n}", who=f"who{n}", name=f"Persona {n}")
    seen, after = [], ""
    for _turn in range(3):
        html = section(shown(lead, after=after), "work")
        seen += re.findall(r"Persona \d(?=</a>)", html)
        found = re.search(r"after=(\w+)#", html)
        after = found.group(1) if found else ""
    assert seen == [f"Persona {n}" for n in range(5)]
    assert not after


def test_a_whole_filter_is_moved_after_its_number_was_said(
    write: Write, anna: User, lead: Client, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "AT_ONCE", 2)
    for n in range(3):
        write(f"Numero {n}", who=f"who{n}", name=f"Persona {n}")
    take(Interaction.objects.earliest("id"), anna)
    fields = {"everything": "1", "to": "tributi", "queue": "accoglienza", "closed_too": "1"}
    asked = lead.post("/desk/team/move/", fields, headers=PART).content.decode()
    assert "3 conversations of this filter would move to Tributi." in asked
    assert "2 go at once; then you are asked again." in asked
    assert not WorkItem.objects.filter(queue=town.taxes_queue).exists()
    rest = lead.post("/desk/team/move/", {**fields, "confirmed": "1"}, headers=PART).content.decode()
    assert "2 were moved to Tributi." in rest
    assert "1 conversation of this filter would move to Tributi." in rest
    last = lead.post("/desk/team/move/", {**fields, "confirmed": "1"}, headers=PART).content.decode()
    assert "1 was moved to Tributi." in last
    assert "would move" not in last
    assert set(WorkItem.objects.values_list("queue__slug", flat=True)) == {"tributi"}


def test_moving_a_filter_to_where_it_is_already_is_refused(giulia: Interaction, lead: Client) -> None:
    fields = {"everything": "1", "to": "accoglienza", "queue": "accoglienza"}
    assert lead.post("/desk/team/move/", fields, headers=PART).status_code == 422


def test_whispering_from_the_team_opens_the_lane(with_anna: Interaction, lead: Client) -> None:
    answer = lead.post(at(with_anna, "watch/"), {"then": "beside"})
    assert answer["Location"].endswith(f"{with_anna.public_id}/#beside")


def test_taking_over_from_the_team_opens_the_conversation(with_anna: Interaction, lead: Client) -> None:
    with_anna.refresh_from_db()
    fields = {"reason": "Urgente", "version": with_anna.version, "from": "team"}
    answer = lead.post(at(with_anna, "take-over/"), fields, headers=PART)
    assert answer["HX-Redirect"] == at(with_anna)


def test_a_manager_of_one_office_sees_neither_people_nor_work_of_another(
    with_anna: Interaction, anna: User, carla: User, diego: User, town: Town, sign_in: SignIn
) -> None:
    diego.grants.all().update(office=town.taxes)
    html = shown(sign_in(diego))
    assert "Carla Riva" in html
    assert "Anna Bianchi" not in html
    assert "Giulia" not in html
