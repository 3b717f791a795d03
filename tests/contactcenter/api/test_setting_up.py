"""Programs set up agents, skills, queues and rules as the pages do: the same verbs, the same faults, named by field."""

from collections.abc import Callable
from typing import Any

import pytest

from contactcenter.accounts.models import ChannelAccount
from contactcenter.queues import lines, presence, rules, skills
from contactcenter.queues.models import Queue, RoutingRule
from contactcenter.sla.models import OfficeCalendar
from crm.models import AuditEntry, User
from tests.contactcenter.api.conftest import Program
from tests.people import Town

Build = Callable[..., Program]


@pytest.fixture
def installer(ada: User, program: Build) -> Program:
    """Ada's program."""
    return program(ada)


def test_a_queue_is_opened_read_and_changed(installer: Program, town: Town) -> None:
    OfficeCalendar.objects.create(slug="ore", name="Ore", zone="Europe/Rome")
    body = {
        "slug": "ucraina", "name": "Linea Ucraina", "office": "accoglienza", "topics": ["tari-rimborso"],
        "calendar": "ore", "requirements": "level >= 3", "steps": [{"after": 60, "requirements": ""}],
        "targets": {"chat": [80, 60]}, "texts": {"waiting": {"uk": "Зачекайте."}}, "overflow": "queue",
        "overflow_to": "tributi", "max_length": 20, "offer_lasts": {"call": 15},
        "outcomes": [{"key": "solved", "names": {"it": "risolto"}}], "wrap_up_needs": ["outcome", "note"],
    }  # fmt: skip
    made = installer.post("queues/", body)
    assert made.status_code == 201
    told = installer.get("queues/ucraina/").json()
    assert told == made.json()
    assert {name: told[name] for name in body} == body
    changed = installer.patch("queues/ucraina/", {"priority": 7, "calendar": None, "overflow": ""}).json()
    assert (changed["priority"], changed["calendar"], changed["overflow_to"]) == (7, None, None)
    assert changed["requirements"] == "level >= 3"
    assert AuditEntry.objects.filter(action="queue.changed", subject="queue:ucraina").count() == 1


def test_a_typo_is_answered_with_its_place(installer: Program, town: Town) -> None:
    answer = installer.patch("queues/accoglienza/", {"requirements": "level >= 2 AN level >= 3"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid")
    assert error["fields"] == {"requirements": ["Expected AND, OR or the end here."]}
    assert error["places"] == {"requirements": {"position": 11, "length": 2}}


@pytest.mark.parametrize(
    "body, field",
    [
        ({"office": "luna"}, "office"),
        ({"topics": ["tari-rimborso", "luna"]}, "topics"),
        ({"calendar": "luna"}, "calendar"),
        ({"overflow": "callback"}, "overflow"),
        ({"overflow": "queue", "overflow_to": "accoglienza"}, "overflow_to"),
        ({"steps": [{"after": 60, "requirements": 'languages HAS "it"'}]}, "steps.0.requirements"),
        ({"targets": {"chat": [101, 60]}}, "targets.chat"),
        ({"offer_lasts": {"chat": 4}}, "offer_lasts.chat"),
        ({"outcomes": [{"key": "x", "names": {"it": "a"}}, {"key": "x", "names": {"it": "b"}}]}, "outcomes.1.key"),
        ({"outcomes": ["risolto"]}, "outcomes.0.non_field_errors"),
        ({"offer_lasts": {"pigeon": 40}}, "offer_lasts.pigeon"),
        ({"texts": {"a b": {}}}, "texts"),
        ({"texts": {"waiting": {"italiano": "x"}}}, "texts.waiting.italiano"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(installer: Program, town: Town, body: dict[str, Any], field: str) -> None:
    answer = installer.patch("queues/accoglienza/", body)
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]


def test_a_queue_may_offer_to_call_back(installer: Program, town: Town) -> None:
    told = installer.patch("queues/accoglienza/", {"overflow": "callback", "max_length": 20}).json()
    assert (told["overflow"], told["max_length"]) == ("callback", 20)


def test_an_emergency_is_switched(installer: Program, town: Town) -> None:
    assert installer.post("queues/accoglienza/emergency/", {"on": True}).status_code == 400
    told = installer.post("queues/accoglienza/emergency/", {"on": True, "texts": {"it": "Allagato."}}).json()
    assert (told["emergency"], told["texts"]) == (True, {"emergency": {"it": "Allagato."}})
    assert installer.post("queues/accoglienza/emergency/", {"on": False}).json()["emergency"] is False


def test_abilities_are_set_and_somebody_leaves(installer: Program, anna: User, town: Town) -> None:
    skills.create(slug="tributi", name="Tributi", actor=None)
    address = f"agents/{anna.public_id}/"
    assert installer.get(address).json()["slots"] == {"call": 1, "chat": 3, "written": 5}
    body = {
        "level": 4, "slots": {"chat": 2}, "languages": {"it": 5, "uk": 2}, "skills": {"tributi": 3},
        "home_queues": ["accoglienza"],
    }  # fmt: skip
    told = installer.patch(address, body).json()
    assert told == {
        **body, "slots": {"call": 1, "chat": 2, "written": 5}, "id": str(anna.public_id), "name": "Anna Bianchi",
        "active": True,
    }  # fmt: skip
    assert [row["name"] for row in installer.get("agents/").json()["results"]] == ["Anna Bianchi"]
    assert installer.patch(address, {"skills": {"gone": 1}}).json()["error"]["fields"].keys() == {"skills.gone"}
    assert installer.patch(address, {"slots": {"call": 3}}).json()["error"]["fields"].keys() == {"slots.call"}
    assert installer.post(f"{address}leave/").json()["active"] is False
    assert installer.post(f"{address}come-back/").json()["active"] is True


def test_one_does_not_switch_oneself_off(installer: Program, ada: User, town: Town) -> None:
    ada.grants.create(role="agent", office=town.front)
    answer = installer.post(f"agents/{ada.public_id}/leave/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "cannot-leave")


def test_skills_come_and_go_unless_they_are_asked_for(installer: Program, town: Town, ada: User) -> None:
    made = installer.post("skills/", {"slug": "imu", "name": "IMU", "topic": "tari-rimborso"})
    assert (made.status_code, made.json()["topic"]) == (201, "tari-rimborso")
    assert installer.patch("skills/imu/", {"topic": None}).json()["topic"] is None
    lines.change(queue=town.taxes_queue, actor=ada, requirements="skills.imu >= 2")
    for answer in (installer.delete("skills/imu/"), installer.patch("skills/imu/", {"active": False})):
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (409, "in-use")
        assert "the queue Tributi" in error["text"]
    lines.change(queue=town.taxes_queue, actor=ada, requirements="")
    assert installer.delete("skills/imu/").status_code == 204
    assert installer.get("skills/imu/").status_code == 404


def test_rules_are_made_ordered_and_removed(installer: Program, town: Town) -> None:
    body = {"name": "Rimborsi", "queue": "tributi", "conditions": {"words": ["rimbors*"]}, "priority": 2}
    first = installer.post("rules/", body).json()
    second = installer.post("rules/", {"name": "Tutti", "priority": 1}).json()
    assert first["conditions"] == {"words": ["rimbors*"]}
    order = installer.put("rules/order/", {"ids": [second["id"], first["id"]]}).json()["results"]
    assert [rule["name"] for rule in order] == ["Tutti", "Rimborsi"]
    late = installer.put("rules/order/", {"ids": [first["id"]]})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "order-moved")
    assert installer.patch(f"rules/{first['id']}/", {"queue": None}).json()["queue"] is None
    assert installer.delete(f"rules/{first['id']}/").status_code == 204
    assert RoutingRule.objects.get().name == "Tutti"
    assert installer.get("rules/99999999999999999999/").status_code == 404


@pytest.mark.parametrize(
    "conditions", [{"moon": ["full"]}, [], "x", {"words": ["a\0b"]}, {"topics": ["luna"]}, {"words": "\ud800"}]
)
def test_conditions_that_make_no_sense_are_refused(installer: Program, town: Town, conditions: Any) -> None:
    answer = installer.post("rules/", {"name": "Regola", "priority": 1, "conditions": conditions})
    assert answer.status_code == 400
    assert not RoutingRule.objects.exists()


def test_trying_the_rules_says_why_and_who(
    installer: Program, town: Town, letters: ChannelAccount, anna: User, ada: User
) -> None:
    rules.create(name="Rimborsi", conditions={"words": ["rimbors*"]}, priority=3, actor=ada)
    presence.change(user=anna, status="available")
    told = installer.post("rules/try/", {"account": "carta", "words": "Vorrei il rimborso", "language": "it"}).json()
    assert (told["queue"], told["priority"], told["asked"]) == ("Accoglienza", 3, ["Anna Bianchi"])
    assert told["steps"][0] == "The rule “Rimborsi” changes the priority by +3."
    assert installer.post("rules/try/", {"account": "luna"}).status_code == 400


def test_reasons_for_a_break_are_made_retired_and_ordered(installer: Program, anna: User, program: Build) -> None:
    made = installer.post("break-reasons/", {"slug": "visita", "names": {"it": "visita", "en": ""}}).json()
    assert (made["names"], made["active"], made["position"]) == ({"it": "visita"}, True, 8)
    order = [row["slug"] for row in program(anna).get("break-reasons/").json()["results"]]
    assert len(order) == 8
    put = installer.put("break-reason-order/", {"slugs": ["visita", *(slug for slug in order if slug != "visita")]})
    assert put.json()["results"][0]["slug"] == "visita"
    late = installer.put("break-reason-order/", {"slugs": ["visita"]})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "order-moved")
    assert program(anna).put("presence/me/", {"status": "away", "reason": "visita"}).json()["reason"] == "visita"
    assert installer.patch("break-reasons/visita/", {"active": False}).json()["active"] is False
    refused = program(anna).put("presence/me/", {"status": "away", "reason": "visita"})
    assert list(refused.json()["error"]["fields"]) == ["reason"]
    assert installer.patch("break-reasons/visita/", {"names": {"it": ""}}).json()["error"]["fields"].keys() == {"names"}
    assert program(anna).post("break-reasons/", {"slug": "x", "names": {"it": "x"}}).status_code == 403


@pytest.mark.parametrize(
    "method, path",
    [
        ("get", "break-reasons/lunch/"), ("patch", "break-reasons/lunch/"), ("put", "break-reason-order/"),
        ("get", "agents/"), ("get", "agents/{anna}/"), ("patch", "agents/{anna}/"), ("post", "agents/{anna}/leave/"),
        ("get", "skills/"), ("post", "skills/"), ("get", "queues/accoglienza/"), ("patch", "queues/accoglienza/"),
        ("post", "queues/"), ("post", "queues/accoglienza/emergency/"), ("get", "rules/"), ("post", "rules/"),
        ("put", "rules/order/"), ("post", "rules/try/"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("who", ["anna", "diego"])
def test_only_administrators_set_up(
    method: str, path: str, who: str, anna: User, diego: User, program: Build, town: Town
) -> None:
    asking = program({"anna": anna, "diego": diego}[who])
    body = [] if method == "get" else [{"slug": "x", "name": "x", "office": "accoglienza"}]
    answer = getattr(asking, method)(path.format(anna=anna.public_id), *body)
    assert answer.status_code == 403
    assert Queue.objects.count() == 2


def test_everybody_with_a_role_reads_which_queues_there_are(anna: User, program: Build, town: Town) -> None:
    names = [row["slug"] for row in program(anna).get("queues/").json()["results"]]
    assert set(names) == {"accoglienza", "tributi"}


def test_a_change_based_on_what_somebody_else_has_changed_is_refused(installer: Program, town: Town, ada: User) -> None:
    read = installer.get("queues/accoglienza/")
    lines.change(queue=town.front_queue, actor=ada, priority=7)
    late = installer.patch("queues/accoglienza/", {"name": "Sportello"}, headers={"If-Match": read["ETag"]})
    error = late.json()["error"]
    assert (late.status_code, error["code"], error["now"]["changed_by"]) == (409, "stale", "ada")
    assert Queue.objects.get(slug="accoglienza").name == "Accoglienza"
    after = installer.patch("queues/accoglienza/", {"name": "Sportello"}, headers={"If-Match": error["now"]["etag"]})
    assert after.status_code == 200
    assert after["ETag"] == installer.get("queues/accoglienza/")["ETag"] != read["ETag"]


@pytest.mark.parametrize("path", ["skills/tari/", "rules/{rule}/", "calendars/ore/", "agents/{anna}/"])
def test_every_setting_says_what_was_read(installer: Program, town: Town, ada: User, anna: User, path: str) -> None:
    skills.create(slug="tari", name="TARI", topic=None, actor=ada)
    OfficeCalendar.objects.create(slug="ore", name="Ore", zone="Europe/Rome")
    rule = rules.create(name="Prima", actor=ada, queue=town.front_queue)
    path = path.format(rule=rule.pk, anna=anna.public_id)
    body = {"level": 4} if path.startswith("agents") else {"name": "Altro"}
    mark = installer.get(path)["ETag"]
    assert installer.patch(path, body, headers={"If-Match": mark}).status_code == 200
    assert installer.patch(path, body, headers={"If-Match": mark}).json()["error"]["code"] == "stale"
    assert installer.patch(path, body).status_code == 200
