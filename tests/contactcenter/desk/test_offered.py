"""Offers on the desk, presence and hand-over, moves, helpers, languages and the team's page."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from contactcenter.desk import work
from contactcenter.live import heads
from contactcenter.queues import consulting, languages, match, offers, presence, roster, work_items
from contactcenter.queues.models import Agent, AgentLanguage, Companion, Offer, Presence, Queue, WorkItem
from contactcenter.sla import office_calendars
from crm import access
from crm.models import AuditEntry, Event, Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, take
from tests.people import Town


def mine(browser: Client) -> str:
    return browser.get("/desk/mine/", headers=PART).content.decode()


@pytest.fixture(autouse=True)
def _everybody_is_known(anna: User, bruno: User, carla: User, diego: User) -> None:
    """Before anything is written: the roster is kept for two seconds."""
    roster.forget()


def speaks(user: User, **languages_: int) -> None:
    agent, _made = Agent.objects.get_or_create(user=user)
    for code, level in languages_.items():
        AgentLanguage.objects.create(agent=agent, language=code, level=level)
    roster.forget()


@pytest.fixture
def offer(giulia: Interaction, anna: User) -> Offer:
    """Giulia's letter, offered to Anna."""
    presence.change(user=anna, status="available")
    assert match.run(timezone.now()) == 1
    return Offer.objects.select_related("item").get()


# --- offers ---


@pytest.mark.django_db
def test_an_offer_says_who_what_why_and_how_long(offer: Offer, desk: Client) -> None:
    html = mine(desk)
    for words in (
        "A message for you",
        "Giulia Ferri",
        "Ho pagato due volte",
        "you have been free the longest",
        'data-lasts="300"',
    ):
        assert words in html
    assert html.count('data-key="a"') == 1  # accepting; taking the next one has no key meanwhile


@pytest.mark.django_db
def test_the_reason_names_the_language_and_who_handed_it_on(
    giulia: Interaction, desk: Client, anna: User, bruno: User
) -> None:
    speaks(anna, it=5, uk=4)
    languages.correct(interaction=giulia, language="uk", actor=anna)
    presence.change(user=anna, status="available")
    match.run(timezone.now())
    assert "you speak Ukrainian (level 4)" in mine(desk).replace("ukrainian", "Ukrainian")


@pytest.mark.django_db
def test_accepting_opens_the_conversation_and_too_late_is_a_sentence(offer: Offer, desk: Client, anna: User) -> None:
    answer = desk.post(f"/desk/offers/{offer.pk}/accept/", headers=PART)
    assert answer["HX-Push-Url"] == at(Interaction.objects.get())
    assert WorkItem.objects.get().owner == anna
    late = desk.post(f"/desk/offers/{offer.pk}/accept/", headers=PART)
    assert (late.status_code, "This offer is over" in late.content.decode()) == (409, True)


@pytest.mark.django_db
def test_declining_takes_the_card_away_and_leaves_it_waiting(offer: Offer, desk: Client) -> None:
    html = desk.post(f"/desk/offers/{offer.pk}/decline/", headers=PART).content.decode()
    assert "Giulia" not in html
    assert WorkItem.objects.get().state == "waiting"


@pytest.mark.django_db
def test_nobody_answers_an_offer_to_somebody_else(offer: Offer, bruno: User, sign_in: SignIn) -> None:
    for verb, status in (("accept", 409), ("decline", 404)):  # too late for him, as for everybody
        assert sign_in(bruno).post(f"/desk/offers/{offer.pk}/{verb}/", headers=PART).status_code == status
    assert Offer.objects.get().state == "pending"


@pytest.mark.django_db
def test_colleagues_see_to_whom_it_is_offered(offer: Offer, bruno: User, sign_in: SignIn) -> None:
    browser = sign_in(bruno)
    assert "offered to Anna Bianchi" in mine(browser)
    page = browser.get(at(Interaction.objects.get()), headers=PART).content.decode()
    assert "offered to Anna Bianchi" in page
    assert "/take/" not in page


@pytest.mark.django_db
def test_an_offer_changes_the_head_of_who_is_asked(giulia: Interaction, anna: User, bruno: User) -> None:
    topic = f"person.{anna.public_id}"
    presence.change(user=anna, status="available")
    seen = [heads.now([topic])[topic]]
    match.run(timezone.now())
    seen.append(heads.now([topic])[topic])
    offers.expire_due(timezone.now() + dt.timedelta(hours=1))
    seen.append(heads.now([topic])[topic])
    presence.change(user=anna, status="available")
    item = work_items.claim(item=WorkItem.objects.get(), actor=bruno)
    before = heads.now([topic])[topic]
    consulting.invite(item=item, colleague=anna, actor=bruno)
    seen.append(heads.now([topic])[topic])
    assert before != seen[-1]
    assert len(set(seen)) == len(seen)


@pytest.mark.django_db
def test_who_let_an_offer_pass_reads_it_and_is_back_with_one_button(offer: Offer, desk: Client, anna: User) -> None:
    offers.expire_due(timezone.now() + dt.timedelta(hours=1))
    assert "You didn’t answer an offer." in mine(desk)
    desk.post("/desk/presence/", {"status": "available"}, headers=PART)
    assert "You didn’t answer an offer." not in mine(desk)


@pytest.mark.django_db
def test_a_queue_that_is_only_offered_is_not_picked_from(
    giulia: Interaction, desk: Client, diego: User, sign_in: SignIn
) -> None:
    Queue.objects.filter(slug="accoglienza").update(mode="push")
    roster.forget()
    html = mine(desk)
    assert "is offered" in html
    assert "Take Giulia Ferri" not in html
    refused = desk.post(at(giulia, "take/"), headers=PART)
    assert (refused.status_code, "not picked from the list" in refused.content.decode()) == (403, True)
    none = desk.post("/desk/next/", headers=PART)
    assert (none.status_code, "Nobody waits whom you could take" in none.content.decode()) == (409, True)
    assert sign_in(diego).post(at(giulia, "take/"), headers=PART).status_code == 200


# --- presence ---


@pytest.mark.django_db
def test_a_break_has_a_reason_and_may_come_after_this_one(with_anna: Interaction, desk: Client, anna: User) -> None:
    html = desk.post("/desk/presence/", {"reason": "lunch"}, headers=PART).content.decode()
    assert "on a break: lunch" in html
    desk.post("/desk/presence/", {"status": "available"}, headers=PART)
    WorkItem.objects.update(family="chat")
    html = desk.post("/desk/presence/", {"reason": "pause", "after": "1"}, headers=PART).content.decode()
    assert "a break after this one" in html
    assert "at work on 1" in html


@pytest.mark.django_db
@pytest.mark.parametrize("handover, state", [("release", "waiting"), ("keep", "claimed")])
def test_going_offline_with_work_asks_first(
    handover: str, state: str, with_anna: Interaction, desk: Client, anna: User
) -> None:
    desk.post("/desk/presence/", {"status": "available"}, headers=PART)
    asked = desk.post("/desk/presence/", {"status": "offline"}, headers=PART)
    assert (asked.status_code, asked["HX-Retarget"], asked["HX-Trigger-After-Settle"]) == (
        409,
        "#dialog-body",
        "desk:ask",
    )
    assert "Giulia Ferri" in asked.content.decode()
    desk.post("/desk/presence/", {"status": "offline", "handover": handover}, headers=PART)
    assert (Presence.objects.get(user=anna).status, WorkItem.objects.get().state) == ("offline", state)


@pytest.mark.django_db
def test_signing_out_is_going_offline_first(with_anna: Interaction, desk: Client, anna: User) -> None:
    desk.post("/desk/presence/", {"status": "available"})
    asked = desk.post("/logout/")
    assert (asked.status_code, "Before you sign out" in asked.content.decode()) == (409, True)
    assert desk.get("/desk/").status_code == 200
    assert desk.post("/logout/", {"handover": "keep"}).status_code == 302
    assert (desk.get("/desk/").status_code, Presence.objects.get(user=anna).status) == (302, "offline")


@pytest.mark.django_db
def test_who_has_no_desk_just_signs_out(ada: User, sign_in: SignIn) -> None:
    assert sign_in(ada).post("/logout/").status_code == 302


# --- moves ---


@pytest.fixture
def closed(town: Town) -> Queue:
    """The tax office keeps hours, and none of them is now."""
    calendar = office_calendars.create(
        slug="mai", name="Mai", zone="Europe/Rome", week={"mon": [["03:00", "03:01"]]}, actor=None
    )
    Queue.objects.filter(pk=town.taxes_queue.pk).update(calendar=calendar)
    return town.taxes_queue


@pytest.mark.django_db
def test_a_closed_queue_says_so_and_takes_it_all_the_same(closed: Queue, with_anna: Interaction, desk: Client) -> None:
    asked = desk.post(at(with_anna, "transfer/"), {"queue": "tributi", "note": "Doppio"}, headers=PART)
    html = asked.content.decode()
    assert (asked.status_code, asked["HX-Retarget"]) == (409, "#dialog-body")
    assert "Tributi is closed until" in html
    assert "Transfer all the same" in html
    assert "Doppio</textarea>" in html
    desk.post(at(with_anna, "transfer/"), {"queue": "tributi", "closed_too": "1"}, headers=PART)
    assert WorkItem.objects.get().queue == closed


@pytest.mark.django_db
def test_a_person_is_chosen_among_those_who_can(with_anna: Interaction, desk: Client, bruno: User, carla: User) -> None:
    form = desk.get(at(with_anna, "transferring/"), headers=PART).content.decode()
    assert "doesn&#x27;t work in Accoglienza" in form
    assert form.index("Bruno Conti") < form.index("Carla Riva")
    answer = desk.post(at(with_anna, "transfer/"), {"way": "person", "person": bruno.public_id}, headers=PART)
    assert "It is with Bruno Conti now." in answer.content.decode()
    assert WorkItem.objects.get().owner == bruno
    assert desk.post(at(with_anna, "transfer/"), {"way": "person", "person": "1"}, headers=PART).status_code == 422


@pytest.mark.django_db
def test_an_office_takes_it_into_its_queue(with_anna: Interaction, desk: Client, town: Town) -> None:
    desk.post(at(with_anna, "transfer/"), {"way": "office", "office": "tributi"}, headers=PART)
    assert WorkItem.objects.get().queue == town.taxes_queue


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields, until",
    [
        ({"for": "quarter"}, dt.datetime(2026, 11, 23, 9, 15, tzinfo=dt.UTC)),
        ({"for": "hour"}, dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)),
        ({"for": "morning"}, dt.datetime(2026, 11, 24, 7, 30, tzinfo=dt.UTC)),
        ({"for": "own", "at": "2026-11-30T15:00"}, dt.datetime(2026, 11, 30, 14, 0, tzinfo=dt.UTC)),
        ({"for": "answer"}, None),
    ],
)
def test_work_is_put_aside_and_taken_up_again(
    fields: dict[str, str],
    until: dt.datetime | None,
    now: dt.datetime,
    with_anna: Interaction,
    desk: Client,
    anna: User,
) -> None:
    desk.post(at(with_anna, "park/"), fields, headers=PART)
    item = WorkItem.objects.get()
    assert (item.state, item.parked_until) == ("parked", until)
    assert [row.who for row in work.mine(anna).parked] == ["Giulia Ferri"]
    page = desk.get(at(with_anna), headers=PART).content.decode()
    assert "You have put this aside." in page
    desk.post(at(with_anna, "resume/"), headers=PART)
    assert WorkItem.objects.get().state == "claimed"


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["", "x", "2026-13-45T00:00", "2001-01-01T10:00", "9" * 400])
def test_a_moment_that_is_none_is_refused_with_a_sentence(moment: str, with_anna: Interaction, desk: Client) -> None:
    answer = desk.post(at(with_anna, "park/"), {"for": "own", "at": moment}, headers=PART)
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#notice")
    assert WorkItem.objects.get().state == "claimed"


@pytest.mark.django_db
def test_a_helper_sees_it_under_their_work_and_leaves(
    with_anna: Interaction, desk: Client, bruno: User, sign_in: SignIn
) -> None:
    html = desk.post(at(with_anna, "consult/"), {"person": bruno.public_id}, headers=PART).content.decode()
    assert "Bruno Conti helps" in html
    assert "Anna Bianchi asked Bruno Conti for help" in html
    browser = sign_in(bruno)
    assert "I help" in mine(browser)
    assert "you help here" in browser.get(at(with_anna), headers=PART).content.decode()
    browser.post(at(with_anna, "leave/"), headers=PART)
    assert not Companion.objects.filter(left_at=None).exists()


@pytest.mark.django_db
def test_a_conversation_is_closed_first_and_its_outcome_noted_afterwards(
    with_anna: Interaction, desk: Client, town: Town
) -> None:
    Queue.objects.update(wrap_up_seconds=60)
    assert "You have 60 seconds" in desk.get(at(with_anna, "closing/"), headers=PART).content.decode()
    html = desk.post(
        at(with_anna, "close/"), {"version": with_anna.version, "later": "1"}, headers=PART
    ).content.decode()
    assert WorkItem.objects.get().state == "wrapping"
    assert 'data-left="' in html
    with_anna.refresh_from_db()
    desk.post(
        at(with_anna, "close/"), {"version": with_anna.version, "outcome": "answered", "later": "1"}, headers=PART
    )
    item = WorkItem.objects.get()
    assert (item.state, item.outcome) == ("done", "answered")


# --- languages ---


@pytest.mark.django_db
def test_a_corrected_language_is_asked_of_whoever_takes_it(
    giulia: Interaction, desk: Client, anna: User, bruno: User
) -> None:
    speaks(bruno, it=5, uk=4)
    presence.change(user=anna, status="available")
    match.run(timezone.now())
    desk.post(at(giulia, "language/"), {"language": "uk"}, headers=PART)
    giulia.refresh_from_db()
    item = WorkItem.objects.get()
    assert (giulia.language, item.language, item.state) == ("uk", "uk", "waiting")
    assert Offer.objects.get().state == "rescinded"  # Anna doesn't speak it
    assert Event.objects.filter(name="interaction.language_corrected", actor=anna).count() == 1
    assert AuditEntry.objects.filter(action="interaction.language_corrected", actor=anna).count() == 1
    desk.post(at(giulia, "language/"), {"other": "am"}, headers=PART)
    assert WorkItem.objects.get().language == ""  # nobody speaks it: nobody must wait for ever


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "x", "ita", "1!", "IT"])
def test_what_is_no_language_is_asked_for_again(code: str, giulia: Interaction, desk: Client) -> None:
    assert desk.post(at(giulia, "language/"), {"other": code}, headers=PART).status_code == 422


@pytest.mark.django_db
def test_languages_are_named_in_the_readers_own(giulia: Interaction, desk: Client) -> None:
    italian = {**PART, "Accept-Language": "it"}
    assert "ucraino" in desk.get(at(giulia, "tongue/"), headers=italian).content.decode()


# --- the team ---


@pytest.mark.django_db
@pytest.mark.parametrize("who, status", [("anna", 403), ("carla", 403), ("diego", 200), ("ada", 403)])
def test_who_sees_the_team(who: str, status: int, request: pytest.FixtureRequest, sign_in: SignIn) -> None:
    browser = sign_in(request.getfixturevalue(who))
    assert browser.get("/desk/team/", headers=PART).status_code == status


@pytest.mark.django_db
def test_the_team_is_shown_with_states_and_loads_and_asked_again_cheaply(
    with_anna: Interaction, diego: User, bruno: User, sign_in: SignIn
) -> None:
    browser = sign_in(diego)
    first = browser.get("/desk/team/", headers=PART)
    html = first.content.decode()
    for words in ("Anna Bianchi", "Bruno Conti", "1/5", "Giulia Ferri"):
        assert words in html
    again = browser.get("/desk/team/", headers={**PART, "If-None-Match": first["ETag"]})
    assert again.status_code == 304
    presence.change(user=bruno, status="available")
    assert browser.get("/desk/team/", headers={**PART, "If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.django_db
def test_a_state_is_forced_with_a_reason_that_is_read(anna: User, diego: User, desk: Client, sign_in: SignIn) -> None:
    browser, address = sign_in(diego), f"/desk/team/{anna.public_id}/presence/"
    assert browser.post(address, {"set": "away", "reason": " "}, headers=PART).status_code == 422
    assert browser.post(address, {"set": "away", "reason": "Riunione"}, headers=PART).status_code == 200
    assert "Diego Serra has set you to “on a break”: Riunione" in mine(desk)
    desk.post("/desk/presence/", {"status": "available"}, headers=PART)
    assert "Riunione" not in mine(desk)
    assert desk.post(address, {"set": "away", "reason": "x"}, headers=PART).status_code == 403


@pytest.mark.django_db
def test_many_are_moved_at_once_whoever_has_them(
    with_anna: Interaction, write: Write, town: Town, diego: User, desk: Client, sign_in: SignIn
) -> None:
    write("Altro", who="paolo", name="Paolo Neri")
    ids = list(WorkItem.objects.values_list("pk", flat=True))
    fields = {"item": ids, "to": "tributi"}
    assert desk.post("/desk/team/move/", fields, headers=PART).status_code == 403
    html = sign_in(diego).post("/desk/team/move/", fields, headers=PART).content.decode()
    assert "2 were moved to Tributi." in html
    assert set(WorkItem.objects.values_list("queue__slug", "state")) == {("tributi", "waiting")}
    assert sign_in(diego).post("/desk/team/move/", {"to": "tributi"}, headers=PART).status_code == 422


@pytest.mark.django_db
def test_taking_what_is_only_offered_needs_the_right_to_take_over(giulia: Interaction, anna: User) -> None:
    Queue.objects.update(mode="push")
    with pytest.raises(access.Forbidden):
        take(giulia, anna)
    assert WorkItem.objects.get().state == "waiting"
