"""Role × office × address: no row and no verb beyond a person's rights, and a 404 for what they may not know exists."""

from collections.abc import Callable

import pytest

from contactcenter.accounts.models import ChannelAccount
from contactcenter.api import urls
from crm import cases
from crm.models import Case, Interaction, User
from tests.contactcenter.api.conftest import Program
from tests.people import Town, person

Build = Callable[..., Program]
Write = Callable[..., Interaction]

READS = [
    "interactions/{interaction}/",
    "interactions/{interaction}/messages/",
    "messages/{message}/",
    "citizens/{citizen}/",
    "cases/{case}/",
]
WRITES = [
    ("post", "interactions/{interaction}/messages/", {"kind": "note", "text": "x"}),
    ("post", "interactions/{interaction}/messages/", {"kind": "reply", "text": "x"}),
    ("post", "work-items/{interaction}/claim/", {}),
    ("post", "work-items/{interaction}/release/", {}),
    ("post", "work-items/{interaction}/close/", {}),
    ("patch", "citizens/{citizen}/", {"name": "x"}),
    ("patch", "cases/{case}/", {"status": "closed"}),
]
LISTS = ["interactions/", "messages/", "citizens/", "contact-points/", "cases/", "work-items/"]


@pytest.fixture
def people(town: Town, anna: User, carla: User, diego: User, ada: User) -> dict[str, User]:
    """Everybody who could ask, by what they are to the front office."""
    User.objects.create_user("elio")
    person("franco", "Franco", "Neri", "manager", town.taxes)
    person("gina", "Gina", "Moro", "agent", town.front, queue="another-queue")
    return {user.username: user for user in User.objects.all()}


@pytest.fixture
def ids(write: Write, people: dict[str, User]) -> dict[str, str]:
    """Giulia wrote to the front office."""
    interaction = write("giulia")
    assert interaction.citizen is not None
    assert interaction.case is not None
    return {
        "interaction": str(interaction.public_id),
        "message": str(interaction.messages.get(direction="in").public_id),
        "citizen": str(interaction.citizen.public_id),
        "case": str(interaction.case.public_id),
    }


# A queue of one's own narrows interactions; cases and citizens belong to the office, so Gina sees neither through it.
SEES = {"anna": 200, "diego": 200, "carla": 404, "franco": 404, "gina": 404, "ada": 404, "elio": 403}


@pytest.mark.parametrize("who, status", SEES.items(), ids=SEES)
@pytest.mark.parametrize("path", READS)
def test_who_may_read_what(
    people: dict[str, User], ids: dict[str, str], program: Build, path: str, who: str, status: int
) -> None:
    assert program(people[who]).get(path.format(**ids)).status_code == status


@pytest.mark.parametrize("who", ["carla", "franco", "gina", "ada", "elio"])
@pytest.mark.parametrize("method, path, body", WRITES)
def test_nobody_changes_what_they_may_not_know_of(
    people: dict[str, User], ids: dict[str, str], program: Build, method: str, path: str, body: dict[str, str], who: str
) -> None:
    before = Interaction.objects.values().get()
    answer = getattr(program(people[who]), method)(path.format(**ids), body)
    assert answer.status_code == SEES[who]
    assert Interaction.objects.values().get() == before
    assert Case.objects.get().status == "open"


@pytest.mark.parametrize("who", ["carla", "franco", "gina", "ada"])
@pytest.mark.parametrize("path", LISTS)
def test_no_list_leaks(people: dict[str, User], ids: dict[str, str], program: Build, path: str, who: str) -> None:
    assert program(people[who]).get(path).json()["results"] == []


@pytest.mark.parametrize("path", LISTS)
def test_each_office_sees_its_own(
    people: dict[str, User], write: Write, tax_letters: ChannelAccount, program: Build, path: str
) -> None:
    write("giulia")
    write("marco", account=tax_letters)
    mine, theirs, all_of_them = (program(people[who]).get(path).json()["results"] for who in ("anna", "carla", "diego"))
    assert mine
    assert theirs
    assert len(all_of_them) == len(mine) + len(theirs)
    assert not [row for row in mine if row in theirs]


@pytest.mark.parametrize("who", ["carla", "franco", "gina", "ada"])
def test_a_search_finds_nobody_of_another_office(
    people: dict[str, User], ids: dict[str, str], program: Build, who: str
) -> None:
    search = {"scheme": "paper", "value": "giulia"}
    assert program(people[who]).post("contact-points/search/", search).json() == {"results": []}
    assert len(program(people["anna"]).post("contact-points/search/", search).json()["results"]) == 1


def test_what_does_not_exist_and_what_is_not_yours_look_alike(
    people: dict[str, User], ids: dict[str, str], program: Build
) -> None:
    carla = program(people["carla"])
    nothing = "00000000-0000-4000-8000-000000000000"
    for path in READS:
        real, made_up = carla.get(path.format(**ids)), carla.get(path.format(**dict.fromkeys(ids, nothing)))
        assert (real.status_code, real.json()) == (made_up.status_code, made_up.json())


def test_a_confidential_case_hides_its_conversation_from_agents(
    people: dict[str, User], ids: dict[str, str], program: Build
) -> None:
    Case.objects.update(confidentiality="confidential")
    for path in READS[:3] + READS[4:]:
        assert program(people["anna"]).get(path.format(**ids)).status_code == 404
        assert program(people["diego"]).get(path.format(**ids)).status_code == 200
    assert program(people["anna"]).get("work-items/").json()["results"] == []


def test_a_role_in_one_office_opens_no_case_in_another(people: dict[str, User], program: Build) -> None:
    answer = program(people["anna"]).post("cases/", {"subject": "x", "office": "tributi"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")
    assert program(people["ada"]).post("cases/", {"subject": "x", "office": "tributi"}).status_code == 403
    assert not Case.objects.exists()


def test_rights_that_were_taken_away_are_gone_at_the_next_request(
    people: dict[str, User], town: Town, program: Build
) -> None:
    case = cases.open(subject="x", office=town.front, actor=people["anna"])
    anna = program(people["anna"])
    assert anna.get(f"cases/{case.public_id}/").status_code == 200
    people["anna"].grants.all().delete()
    assert anna.get(f"cases/{case.public_id}/").status_code == 403


def _address(pattern: str, ids: dict[str, str]) -> str:
    """With ids of things that exist, and the short name of something that may not."""
    given = {"<uuid:id>": ids["case"], "<uuid:interaction>": ids["interaction"], "<slug:slug>": "accoglienza"}
    given["<int:id>"] = "1"
    for place, value in given.items():
        pattern = pattern.replace(place, value)
    return pattern


def test_every_address_but_the_schema_asks_who_you_are(ids: dict[str, str]) -> None:
    stranger = Program("")
    for pattern in urls.v1:
        path = _address(str(pattern.pattern), ids)
        wanted = 200 if path == "schema/" else 401
        assert stranger.client.get(f"/api/v1/{path}").status_code == wanted, path
        assert stranger.post(path, {}).status_code in {401, 405}, path


@pytest.mark.parametrize("method", ["head", "options"])
def test_the_quiet_methods_work_and_ask_who_you_are(
    ids: dict[str, str], anna: User, program: Build, method: str
) -> None:
    known = program(anna)
    for pattern in urls.v1:
        path = _address(str(pattern.pattern), ids)
        ask = getattr(known.client, method)
        assert ask(f"/api/v1/{path}", headers={"Authorization": f"Bearer {known.key}"}).status_code < 500, path
        if path != "schema/":
            assert ask(f"/api/v1/{path}").status_code == 401, path
