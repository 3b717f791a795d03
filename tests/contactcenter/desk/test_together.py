"""Colleagues in one conversation: the side-chat, whispers, mentions and notices, watching and taking over."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from contactcenter.desk.printing import contents
from contactcenter.live import heads
from contactcenter.outbox import replies, states
from contactcenter.queues import asides, consulting, mentions, noting, roster, transfers, work_items
from contactcenter.queues.models import Notice, SideMessage, WorkItem
from crm import access
from crm.models import AuditEntry, Event, Interaction, Message, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at
from tests.people import Town, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def helped(with_anna: Interaction, anna: User, bruno: User) -> Interaction:
    """Anna's conversation, Bruno asked in."""
    item = work_items.open_item(with_anna)
    assert item is not None
    consulting.invite(item=item, colleague=bruno, actor=anna)
    with_anna.refresh_from_db()
    return with_anna


def item_of(interaction: Interaction) -> WorkItem:
    item = work_items.open_item(interaction)
    assert item is not None
    return item


def lane(browser: Client, interaction: Interaction) -> str:
    return browser.get(at(interaction, "beside/"), headers=PART).content.decode()


def page(browser: Client, interaction: Interaction) -> str:
    return browser.get(at(interaction), headers=PART).content.decode()


def bell(browser: Client) -> str:
    html = browser.get("/desk/mine/", headers=PART).content.decode()
    return html[html.index('id="bell"') : html.index("</button>", html.index('id="bell"'))]


# --- the side-chat ---


def test_owner_and_helper_talk_beside_the_conversation(
    helped: Interaction, anna: User, bruno: User, sign_in: SignIn
) -> None:
    hers, his = sign_in(anna), sign_in(bruno)
    said = hers.post(at(helped, "beside/say/"), {"text": "Ha pagato due volte?", "client_id": "a1"}, headers=PART)
    assert said.status_code == 200
    assert "1 unread" in page(his, helped)
    assert "Ha pagato due volte?" in lane(his, helped)
    assert "unread" not in page(his, helped), "looking at the lane is reading it"
    assert "unread" not in page(hers, helped), "one's own words are not news"


def test_a_side_message_leaves_the_version_that_an_answer_is_based_on(helped: Interaction, anna: User) -> None:
    before, head = helped.version, heads.now([helped.topic_group])
    asides.write(interaction=helped, text="Vedo io", actor=anna)
    helped.refresh_from_db()
    assert helped.version == before
    assert heads.now([helped.topic_group]) != head, "screens look again all the same"


def test_the_same_side_message_sent_twice_is_one(helped: Interaction, anna: User) -> None:
    first = asides.write(interaction=helped, text="Vedo io", actor=anna, client_id="x")
    assert asides.write(interaction=helped, text="Vedo io", actor=anna, client_id="x") == first
    assert SideMessage.objects.count() == 1


def test_the_side_chat_is_nobodys_message_and_no_part_of_what_is_printed(
    helped: Interaction, anna: User, desk: Client
) -> None:
    asides.write(interaction=helped, text="Parola segreta tra colleghi", actor=anna)
    assert not Message.objects.filter(text__contains="segreta").exists()
    assert "segreta" not in page(desk, helped), "the lane is fetched by those whom it is for"
    helped.refresh_from_db()
    assert "segreta" not in helped.preview
    assert not [event for event in Event.objects.all() if "segreta" in str(event.data)]
    assert "segreta" not in str(contents.of_conversation(helped))


def test_who_is_not_in_the_conversation_reads_no_side_chat(
    with_anna: Interaction, anna: User, bruno: User, sign_in: SignIn
) -> None:
    asides.write(interaction=with_anna, text="Tra noi", actor=anna)
    his = sign_in(bruno)
    part = his.get(at(with_anna, "beside/"), headers=PART)
    assert (part.status_code, part.content) == (204, b""), "an open lane closes without a complaint"
    answer = his.get(at(with_anna, "beside/"))
    assert answer.status_code == 403
    assert "for those who are in this conversation" in answer.content.decode()
    assert his.post(at(with_anna, "beside/say/"), {"text": "Ciao"}, headers=PART).status_code == 403
    assert "data-beside" not in page(his, with_anna)


def test_nobody_from_another_office_learns_that_there_is_a_side_chat(
    helped: Interaction, carla: User, sign_in: SignIn
) -> None:
    assert sign_in(carla).get(at(helped, "beside/"), headers=PART).status_code == 404
    with pytest.raises(access.NotVisible):
        asides.write(interaction=helped, text="Ciao", actor=carla)


@pytest.mark.parametrize("text, sentence", [("  ", "nothing to say"), ("a" * 2001, "2000 characters at most")])
def test_what_cannot_be_said_is_refused_with_a_sentence(
    text: str, sentence: str, helped: Interaction, desk: Client
) -> None:
    answer = desk.post(at(helped, "beside/say/"), {"text": text}, headers=PART)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_side_message_is_escaped_and_recorded_and_goes_with_its_interaction(
    helped: Interaction, anna: User, desk: Client
) -> None:
    asides.write(interaction=helped, text="<script>alert(1)</script>", actor=anna)
    assert "<script>alert" not in lane(desk, helped)
    entry = AuditEntry.objects.get(action="aside.written")
    assert (entry.actor, entry.subject) == (anna, f"interaction:{helped.public_id}")
    assert "alert" not in str(entry.data)
    related = [
        one.get_accessor_name() for one in Interaction._meta.related_objects if one.on_delete.__name__ == "CASCADE"
    ]
    assert {"asides", "aside_readings", "notices"} <= set(related)


def test_an_unchanged_lane_answers_304(helped: Interaction, anna: User, desk: Client) -> None:
    asides.write(interaction=helped, text="Uno", actor=anna)
    first = desk.get(at(helped, "beside/"), headers=PART)
    same = {**PART, "If-None-Match": first["ETag"]}
    assert desk.get(at(helped, "beside/"), headers=same).status_code == 304
    asides.write(interaction=helped, text="Due", actor=anna)
    assert desk.get(at(helped, "beside/"), headers=same).status_code == 200


# --- whispers ---


def test_a_supervisor_whispers_and_the_agent_reads_it(
    with_anna: Interaction, diego: User, desk: Client, sign_in: SignIn
) -> None:
    his = sign_in(diego)
    assert "Whisper" in page(his, with_anna)
    assert his.post(at(with_anna, "beside/say/"), {"text": "Offri il rimborso"}, headers=PART).status_code == 200
    html = lane(desk, with_anna)
    assert "Offri il rimborso" in html
    assert "whisper" in html
    assert AuditEntry.objects.filter(action="aside.whispered", actor=diego).exists()
    assert "1 new" not in bell(desk), "read in the lane, so no notice is left"


def test_who_may_not_whisper_is_refused(with_anna: Interaction, bruno: User) -> None:
    with pytest.raises(access.Forbidden):
        asides.write(interaction=with_anna, text="Psst", actor=bruno)


# --- mentions and notices ---


def test_a_mention_in_a_note_rings_the_bell_of_the_colleague(
    with_anna: Interaction, desk: Client, bruno: User, sign_in: SignIn
) -> None:
    his = sign_in(bruno)
    before = his.get("/desk/mine/", headers=PART)["ETag"]
    fields = {"as": "note", "text": "Lo sa @bruno, scrivi a giulia@anna.it", "client_id": "n1"}
    assert desk.post(at(with_anna, "answer/"), fields, headers=PART).status_code == 200
    desk.post(at(with_anna, "answer/"), fields, headers=PART)
    assert his.get("/desk/mine/", headers={**PART, "If-None-Match": before}).status_code == 200
    assert "1 new" in bell(his)
    html = his.get("/desk/notices/", headers=PART).content.decode()
    assert "Anna Bianchi mentioned you in a note about Giulia Ferri." in html
    assert at(with_anna) in html
    assert his.post("/desk/notices/read/", {"upto": Notice.objects.get().pk}, headers=PART).status_code == 204
    assert "new" not in bell(his)


def test_a_mention_of_somebody_who_may_not_read_it_is_refused_and_nothing_is_written(
    with_anna: Interaction, desk: Client, carla: User
) -> None:
    answer = desk.post(at(with_anna, "answer/"), {"as": "note", "text": "Chiedo a @carla"}, headers=PART)
    assert answer.status_code == 422
    assert "Carla Riva may not read this conversation" in answer.content.decode()
    assert not Message.objects.filter(direction="note").exists()
    said = desk.post(at(with_anna, "beside/say/"), {"text": "@carla?"}, headers=PART)
    assert said.status_code == 422
    assert not SideMessage.objects.exists()


def test_a_mention_in_the_side_chat_lets_the_colleague_in(
    with_anna: Interaction, anna: User, bruno: User, sign_in: SignIn
) -> None:
    asides.write(interaction=with_anna, text="@Bruno, la TARI?", actor=anna)
    his = sign_in(bruno)
    assert "1 new" in bell(his)
    assert "la TARI?" in lane(his, with_anna)
    assert his.post(at(with_anna, "beside/say/"), {"text": "Arrivo"}, headers=PART).status_code == 200


@pytest.mark.parametrize(
    "text, found",
    [
        ("@bruno", ["bruno"]), ("(@bruno).", ["bruno"]), ("giulia@bruno", []), ("@nessuno", []), ("@", []),
        ("@BRUNO!", ["bruno"]), ("@bruno @anna", ["anna", "bruno"]),
    ],
)  # fmt: skip
def test_who_is_meant_by_an_at(text: str, found: list[str], anna: User, bruno: User) -> None:
    assert sorted(user.username for user in mentions.named(text)) == found


def test_colleagues_who_may_read_it_are_suggested_eight_at_most(
    with_anna: Interaction, desk: Client, bruno: User, carla: User, town: Town
) -> None:
    for n in range(10):
        person(f"berta{n}", "Berta", f"Neri{n}", "agent", town.front)
    html = desk.get(at(with_anna, "colleagues/"), {"q": "b"}, headers=PART).content.decode()
    assert html.count('role="option"') == 8
    html = desk.get(at(with_anna, "colleagues/"), {"q": "bru"}, headers=PART).content.decode()
    assert 'data-username="bruno"' in html
    assert "option" not in desk.get(at(with_anna, "colleagues/"), {"q": "carla"}, headers=PART).content.decode()


def test_many_side_messages_are_one_notice_until_it_is_read(helped: Interaction, anna: User, bruno: User) -> None:
    for n in range(5):
        asides.write(interaction=helped, text=f"Riga {n}", actor=anna)
    assert Notice.objects.filter(user=bruno).count() == 1


def test_a_notice_about_what_one_may_no_longer_read_names_nobody(
    with_anna: Interaction, anna: User, bruno: User, sign_in: SignIn, town: Town
) -> None:
    noting.note(interaction=with_anna, text="@bruno", actor=anna)
    bruno.grants.all().update(office=town.taxes)
    html = sign_in(bruno).get("/desk/notices/", headers=PART).content.decode()
    assert "may not read any more" in html
    assert "Giulia" not in html


def test_what_is_handed_over_moved_or_fails_is_told(
    with_anna: Interaction, anna: User, bruno: User, diego: User, town: Town
) -> None:
    roster.forget()
    transfers.to_person(item=item_of(with_anna), person=bruno, actor=anna, note="Tuo")
    assert Notice.objects.get(user=bruno).about == "transferred"
    transfers.move(items=[item_of(with_anna)], queue=town.taxes_queue, actor=diego, note="Sbagliato", closed_too=True)
    assert Notice.objects.get(user=bruno, about="moved").reason == "Sbagliato"


def test_a_message_that_did_not_arrive_is_told_to_whoever_wrote_it(
    with_anna: Interaction, anna: User, desk: Client
) -> None:
    message = replies.reply(interaction=with_anna, text="Ecco", actor=anna)
    states.advance(message=message, state="failed", reason="full")
    assert "1 new" in bell(desk)
    assert (
        "Your message to Giulia Ferri was not delivered." in desk.get("/desk/notices/", headers=PART).content.decode()
    )


# --- supervision ---


def test_watching_is_recorded_as_supervision_and_shown_to_the_agent(
    with_anna: Interaction, diego: User, desk: Client, sign_in: SignIn
) -> None:
    answer = sign_in(diego).post(at(with_anna, "watch/"))
    assert answer.status_code == 302
    entry = AuditEntry.objects.get(action="interaction.read", actor=diego)
    assert entry.purpose == "supervision"
    assert "Diego Serra looked in as a supervisor" in page(desk, with_anna)


@pytest.mark.parametrize("verb, fields", [("watch/", {}), ("take-over/", {"reason": "Perché sì", "version": 99})])
def test_agents_supervise_nobody(
    verb: str, fields: dict[str, Any], with_anna: Interaction, bruno: User, sign_in: SignIn
) -> None:
    assert sign_in(bruno).post(at(with_anna, verb), fields, headers=PART).status_code == 403


def test_a_supervisor_takes_over_and_the_owner_reads_why(
    with_anna: Interaction, anna: User, diego: User, desk: Client, sign_in: SignIn
) -> None:
    his = sign_in(diego)
    form = his.get(at(with_anna, "taking-over/"), headers=PART).content.decode()
    assert "is with Anna Bianchi" in form
    with_anna.refresh_from_db()
    fields = {"reason": "Conosco il caso", "version": with_anna.version}
    assert his.post(at(with_anna, "take-over/"), fields, headers=PART).status_code == 200
    item = item_of(with_anna)
    assert (item.owner, item.state) == (diego, "claimed")
    assert "1 new" in bell(desk)
    html = desk.get("/desk/notices/", headers=PART).content.decode()
    assert "Diego Serra took over the conversation with Giulia Ferri from you." in html
    assert "Conosco il caso" in html
    assert "taken over from Anna Bianchi by Diego Serra" in page(desk, with_anna)
    answer = desk.post(at(with_anna, "answer/"), {"text": "Ciao", "version": with_anna.version + 1}, headers=PART)
    assert answer.status_code == 409


def test_taking_over_what_changed_meanwhile_answers_409(
    with_anna: Interaction, diego: User, sign_in: SignIn, write: Write
) -> None:
    his, seen = sign_in(diego), with_anna.version
    write("Ancora io")
    answer = his.post(at(with_anna, "take-over/"), {"reason": "Urgente", "version": seen}, headers=PART)
    assert answer.status_code == 409
    assert "then take it over if it still fits" in answer.content.decode()
    assert "Ancora io" in answer.content.decode(), "what came in is shown"
    owner = item_of(with_anna).owner
    assert owner is not None
    assert owner.username == "anna"


def test_taking_over_wants_a_reason(with_anna: Interaction, diego: User, sign_in: SignIn) -> None:
    with_anna.refresh_from_db()
    fields = {"reason": " ", "version": with_anna.version}
    assert sign_in(diego).post(at(with_anna, "take-over/"), fields, headers=PART).status_code == 422


def test_the_whole_desk_stays_within_its_statements_with_everything_in_it(
    helped: Interaction, anna: User, bruno: User, desk: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    asides.write(interaction=helped, text="@anna", actor=bruno)
    desk.get(at(helped))
    with django_assert_max_num_queries(30):
        desk.get(at(helped))
    with django_assert_max_num_queries(14):
        desk.get("/desk/mine/", headers=PART)
