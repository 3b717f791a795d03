"""Programs work in the queues: presence, offers, transfers, parking, wrapping up; refusals say how things stand."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from contactcenter.queues import agents, lines, match, presence, work_items
from contactcenter.queues.models import Offer, Presence, WorkItem
from contactcenter.sla.models import OfficeCalendar
from crm.models import Interaction, Message, User
from tests.contactcenter.api.conftest import Program
from tests.people import Town, person

Build = Callable[..., Program]
Write = Callable[..., Interaction]


@pytest.fixture(autouse=True)
def _clock(now: dt.datetime) -> None:
    """Monday morning."""


@pytest.fixture
def hers(anna: User, program: Build) -> Program:
    """Anna's program."""
    return program(anna)


def item() -> WorkItem:
    return WorkItem.objects.get()


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


# --- presence ---


def test_presence_is_set_and_read(hers: Program, anna: User) -> None:
    assert hers.get("presence/me/").json()["status"] == "offline"
    told = hers.put("presence/me/", {"status": "available"}).json()
    assert (told["status"], told["state"], told["person"]["name"]) == ("available", "free", "Anna Bianchi")
    told = hers.put("presence/me/", {"status": "away", "reason": "lunch"}).json()
    assert (told["status"], told["reason"], told["state"]) == ("away", "lunch", "break")
    assert [row["person"]["name"] for row in hers.get("presence/").json()["results"]] == ["Anna Bianchi"]
    assert hers.put("presence/me/", {"status": "asleep"}).status_code == 400
    assert hers.put("presence/me/", {"status": "available", "after_this": True}).status_code == 400


def test_going_home_with_work_wants_a_hand_over(hers: Program, anna: User, write: Write) -> None:
    interaction = write()
    hers.put("presence/me/", {"status": "available"})
    hers.post(f"work-items/{interaction.public_id}/claim/")
    refused = hers.put("presence/me/", {"status": "offline"})
    assert refusal(refused) == (409, "open-work")
    assert refused.json()["error"]["now"] == {"interactions": [str(interaction.public_id)]}
    assert hers.put("presence/me/", {"status": "offline", "handover": "release"}).status_code == 200
    assert item().owner is None


def test_a_break_after_this_one(hers: Program, write: Write) -> None:
    interaction = write()
    hers.put("presence/me/", {"status": "available"})
    hers.post(f"work-items/{interaction.public_id}/claim/")
    told = hers.put("presence/me/", {"status": "away", "reason": "pause", "after_this": True}).json()
    assert told["break_after_this"] in {"pause", None}


def test_a_manager_sets_somebody_elses_and_says_why(diego: User, anna: User, hers: Program, program: Build) -> None:
    hers.put("presence/me/", {"status": "available"})
    address = f"presence/{anna.public_id}/"
    assert hers.put(address, {"status": "offline", "why": "x"}).status_code == 403
    assert program(diego).put(address, {"status": "offline"}).status_code == 400
    told = program(diego).put(address, {"status": "offline", "why": "È andata a casa"}).json()
    assert told["status"] == "offline"
    assert Presence.objects.get(user=anna).status == "offline"


def test_who_works_elsewhere_is_not_there_for_a_program(
    hers: Program, anna: User, carla: User, diego: User, program: Build, town: Town
) -> None:
    for somebody in (anna, carla, diego):
        presence.change(user=somebody, status="available")

    def listed(asking: Program) -> set[str]:
        return {row["person"]["name"] for row in asking.get("presence/").json()["results"]}

    assert listed(hers) == {"Anna Bianchi", "Diego Serra"}
    assert listed(program(diego)) == {"Anna Bianchi", "Carla Riva", "Diego Serra"}
    fabio = program(person("fabio", "Fabio", "Neri", "manager", town.front))
    given = {"status": "offline", "why": "prova"}
    assert fabio.put(f"presence/{carla.public_id}/", given).status_code == 404
    assert fabio.put(f"presence/{anna.public_id}/", given).json()["status"] == "offline"
    assert Presence.objects.get(user=carla).status == "available"


def test_what_the_clock_ended_is_found_and_filled_in(
    hers: Program, anna: User, bruno: User, program: Build, write: Write, town: Town
) -> None:
    interaction = write()
    path = f"work-items/{interaction.public_id}"
    lines.change(
        queue=item().queue, actor=None, wrap_up_seconds=30, wrap_up_needs=["outcome", "note"],
        outcomes=[{"names": {"it": "Risolto"}}],
    )  # fmt: skip
    hers.put("presence/me/", {"status": "available"})
    hers.post(f"{path}/claim/")
    assert refusal(hers.post(f"{path}/close/", {"outcome": "boh"})) == (400, "invalid")
    assert hers.post(f"{path}/wrap-up/").json()["state"] == "wrapping"
    assert work_items.end_wrap_ups(timezone.now() + dt.timedelta(seconds=31)) == 1
    found = hers.get("work-items/", unfilled="true").json()["results"]
    assert [(row["state"], row["unfilled"]) for row in found] == [("done", True)]
    assert refusal(program(bruno).post(f"{path}/fill-in/", {"outcome": "risolto"})) == (409, "filled-in")
    missing = hers.post(f"{path}/fill-in/", {"outcome": "risolto"}).json()["error"]["fields"]
    assert missing.keys() == {"note"}
    told = hers.post(f"{path}/fill-in/", {"outcome": "risolto", "note": "Tutto chiaro."}).json()
    assert (told["outcome"], told["unfilled"]) == ("risolto", False)
    assert hers.get("work-items/", unfilled="true").json()["results"] == []


def test_administrators_have_no_presence(ada: User, program: Build) -> None:
    assert program(ada).get("presence/").status_code == 403
    assert program(ada).get("presence/me/").status_code == 403


# --- offers ---


@pytest.fixture
def offered(anna: User, write: Write) -> Offer:
    """To Anna."""
    write()
    presence.change(user=anna, status="available")
    assert match.run(timezone.now()) == 1
    return Offer.objects.get()


def test_an_offer_is_read_and_accepted(offered: Offer, hers: Program, anna: User) -> None:
    [told] = hers.get("offers/").json()["results"]
    assert (told["id"], told["queue"], told["state"]) == (offered.pk, "accoglienza", "pending")
    assert told["interaction"] == str(Interaction.objects.get().public_id)
    taken = hers.post(f"offers/{offered.pk}/accept/").json()
    assert (taken["state"], taken["owner"]["name"]) == ("claimed", "Anna Bianchi")
    assert refusal(hers.post(f"offers/{offered.pk}/accept/")) == (409, "offer-gone")
    assert hers.get("offers/").json()["results"] == []


def test_an_offer_is_declined(offered: Offer, hers: Program) -> None:
    assert hers.post(f"offers/{offered.pk}/decline/").json()["state"] == "declined"
    assert item().state == "waiting"


def test_somebody_elses_offer_is_not_there(offered: Offer, bruno: User, program: Build) -> None:
    assert program(bruno).get("offers/").json()["results"] == []
    assert program(bruno).post(f"offers/{offered.pk}/accept/").status_code == 404
    assert program(bruno).post("offers/99999999999999999999/accept/").status_code == 404


# --- work ---


@pytest.fixture
def address(hers: Program, anna: User, write: Write) -> str:
    """Of the item that Anna has."""
    presence.change(user=anna, status="available")
    path = f"work-items/{write().public_id}/"
    assert hers.post(f"{path}claim/").status_code == 200
    return path


def test_it_is_handed_to_a_queue_with_a_note(address: str, hers: Program, diego: User, program: Build) -> None:
    answer = hers.post(f"{address}transfer/", {"queue": "tributi", "note": "Chiede il rimborso"})
    assert answer.status_code == 200
    assert (item().queue.slug, item().state) == ("tributi", "waiting")
    assert Message.objects.get(direction="note").text == "Chiede il rimborso"


def test_a_closed_queue_says_when_it_opens(address: str, hers: Program, town: Town) -> None:
    town.taxes_queue.calendar = OfficeCalendar.objects.create(
        slug="ore", name="Ore", zone="Europe/Rome", week={"tue": [["08:30", "13:00"]]}
    )
    town.taxes_queue.save()
    refused = hers.post(f"{address}transfer/", {"queue": "tributi"})
    assert refusal(refused) == (409, "queue-closed")
    assert refused.json()["error"]["now"] == {"queue": "tributi", "opens_at": "2026-11-24T07:30:00+00:00"}
    assert hers.post(f"{address}transfer/", {"office": "tributi", "closed_too": True}).status_code == 200
    assert item().queue.slug == "tributi"


def test_it_is_handed_to_a_person(bruno: User, carla: User, address: str, hers: Program) -> None:
    refused = hers.post(f"{address}transfer/", {"person": str(carla.public_id)})
    assert refusal(refused) == (409, "not-there")
    assert hers.post(f"{address}transfer/", {"person": str(bruno.public_id)}).status_code == 200
    assert item().owner == bruno


@pytest.mark.parametrize("body", [{}, {"queue": "tributi", "office": "tributi"}, {"queue": "luna"}, {"person": "x"}])
def test_a_transfer_goes_to_one_place_that_exists(address: str, hers: Program, body: dict[str, str]) -> None:
    assert hers.post(f"{address}transfer/", body).status_code == 400
    assert item().state == "claimed"


def test_it_is_parked_and_taken_up_again(address: str, hers: Program) -> None:
    over = hers.post(f"{address}park/", {"until": "2026-11-20T09:00:00Z"})
    assert refusal(over) == (409, "cannot-park")
    told = hers.post(f"{address}park/", {"until": "2026-11-24T09:00:00Z"}).json()
    assert told["state"] == "parked"
    assert hers.post(f"{address}resume/").json()["state"] == "claimed"


def test_no_room_is_said_in_words(address: str, hers: Program, anna: User, write: Write) -> None:
    agents.change(user=anna, slots={"written": 1}, actor=None)
    other = write("marco")
    refused = hers.post(f"work-items/{other.public_id}/claim/")
    assert refusal(refused) == (409, "no-room")
    assert "Anna Bianchi has no room" in refused.json()["error"]["text"]


def test_it_is_wrapped_up(address: str, hers: Program, town: Town) -> None:
    town.front_queue.wrap_up_seconds = 60
    town.front_queue.save()
    told = hers.post(f"{address}wrap-up/").json()
    assert told["state"] == "wrapping"
    assert not Interaction.objects.get().is_open


def test_a_manager_moves_many(address: str, hers: Program, diego: User, program: Build, write: Write) -> None:
    other = write("marco")
    ids = [str(interaction.public_id) for interaction in Interaction.objects.all()]
    body = {"interactions": ids, "queue": "tributi"}
    assert hers.post("work-items/move/", body).status_code == 403
    assert program(diego).post("work-items/move/", body).json() == {"moved": 2}
    assert set(WorkItem.objects.values_list("queue__slug", flat=True)) == {"tributi"}
    assert str(other.public_id) in ids
