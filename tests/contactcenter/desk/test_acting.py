"""Taking, answering, noting, passing on, closing: once each, on what was really seen, and with a sentence when not."""

import dataclasses
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contactcenter.outbox import replies, states
from contactcenter.queues.models import Presence, WorkItem
from crm import cases, interactions
from crm.models import Attachment, AuditEntry, Case, ContactPoint, Event, Interaction, Message, User
from tests import paper
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, take
from tests.people import Town


def answers(interaction: Interaction) -> list[str]:
    return list(interaction.messages.filter(direction="out", automatic="").values_list("text", flat=True))


# --- taking ---


@pytest.mark.django_db
def test_taking_opens_the_conversation_and_makes_it_mine(giulia: Interaction, desk: Client, anna: User) -> None:
    answer = desk.post(at(giulia, "take/"), headers=PART)
    assert (answer.status_code, answer["HX-Push-Url"]) == (200, at(giulia))
    assert "data-mine" in answer.content.decode()
    assert WorkItem.objects.get().owner == anna


@pytest.mark.django_db
def test_who_loses_the_race_reads_the_winners_name(giulia: Interaction, desk: Client, bruno: User) -> None:
    take(giulia, bruno)
    answer = desk.post(at(giulia, "take/"), headers=PART)
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#notice")
    assert "Bruno Conti has just taken this." in answer.content.decode()


@pytest.mark.django_db
def test_take_next_takes_who_is_first_of_those_that_nobody_has(
    write: Write, giulia: Interaction, desk: Client, bruno: User
) -> None:
    paolo = write("Buongiorno", who="paolo", name="Paolo Neri")
    take(giulia, bruno)
    answer = desk.post("/desk/next/", headers=PART)
    assert answer["HX-Push-Url"] == at(paolo)


@pytest.mark.django_db
def test_an_empty_line_says_so(desk: Client, town: Town) -> None:
    answer = desk.post("/desk/next/", headers=PART)
    assert answer.status_code == 409
    assert "Nobody is waiting for you now." in answer.content.decode()


@pytest.mark.django_db
def test_a_plain_browser_is_shown_the_page_after_taking(giulia: Interaction, desk: Client) -> None:
    assert desk.post(at(giulia, "take/"))["Location"] == at(giulia)


# --- answering ---


@pytest.mark.django_db
def test_an_answer_is_written_and_the_part_comes_back_with_it(with_anna: Interaction, desk: Client) -> None:
    fields = {
        "text": "Buongiorno Giulia,\r\nsono Anna.",
        "as": "reply",
        "version": with_anna.version,
        "client_id": "c1",
    }
    answer = desk.post(at(with_anna, "answer/"), fields, headers=PART)
    assert (answer.status_code, answer["HX-Trigger"]) == (200, "desk:sent")
    assert answers(with_anna) == ["Buongiorno Giulia,\nsono Anna."]


@pytest.mark.django_db
def test_a_double_click_is_one_message(with_anna: Interaction, desk: Client) -> None:
    fields = {"text": "Ecco", "version": with_anna.version, "client_id": "c1"}
    for _click in range(3):
        assert desk.post(at(with_anna, "answer/"), fields, headers=PART).status_code == 200
    assert answers(with_anna) == ["Ecco"]


@pytest.mark.django_db
def test_a_stale_screen_is_refused_shows_what_came_in_and_keeps_the_words(
    with_anna: Interaction, desk: Client, write: Write
) -> None:
    seen = with_anna.version
    write("Lasci stare, ho risolto.")
    answer = desk.post(
        at(with_anna, "answer/"), {"text": "Le spiego come fare", "version": seen, "client_id": "c"}, headers=PART
    )
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Lasci stare, ho risolto." in html
    assert "Le spiego come fare</textarea>" in html
    assert "Something came in while you were writing." in html
    assert answers(with_anna) == []
    with_anna.refresh_from_db()
    assert f'name="version" value="{with_anna.version}"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999", "٣"])
def test_a_form_that_names_no_version_of_ours_is_stale(version: str, with_anna: Interaction, desk: Client) -> None:
    answer = desk.post(at(with_anna, "answer/"), {"text": "Ecco", "version": version}, headers=PART)
    assert answer.status_code == 409
    assert answers(with_anna) == []


@pytest.mark.django_db
@pytest.mark.parametrize("text, words", [("  ", "nothing to send"), ("x" * 2001, "2000 characters")])
def test_what_the_channel_cannot_take_is_refused_with_a_sentence(
    text: str, words: str, with_anna: Interaction, desk: Client
) -> None:
    answer = desk.post(at(with_anna, "answer/"), {"text": text, "version": with_anna.version}, headers=PART)
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.django_db
def test_a_note_needs_no_fresh_screen_and_never_leaves(with_anna: Interaction, desk: Client, write: Write) -> None:
    seen = with_anna.version
    write("ancora io")
    answer = desk.post(
        at(with_anna, "answer/"), {"text": "Chiamare Carla", "as": "note", "version": seen}, headers=PART
    )
    assert answer.status_code == 200
    note = Message.objects.get(direction="note")
    assert (note.text, note.state) == ("Chiamare Carla", "received")
    assert not hasattr(note, "outbox_item")


@pytest.mark.django_db
@pytest.mark.parametrize("text, words", [("", "nothing to note"), ("x" * 8001, "8000 characters")])
def test_a_note_has_its_limits(text: str, words: str, with_anna: Interaction, desk: Client) -> None:
    answer = desk.post(at(with_anna, "answer/"), {"text": text, "as": "note"}, headers=PART)
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.django_db
def test_files_go_along(with_anna: Interaction, desk: Client) -> None:
    file = SimpleUploadedFile("../modulo.pdf", b"%PDF-1.7 modulo")
    fields = {"text": "Ecco il modulo", "version": with_anna.version, "files": [file]}
    assert desk.post(at(with_anna, "answer/"), fields, headers=PART).status_code == 200
    kept = Attachment.objects.get()
    assert (kept.name, kept.message) == ("modulo.pdf", with_anna.messages.get(text="Ecco il modulo"))


@pytest.mark.django_db
def test_files_of_an_answer_that_was_not_sent_are_not_kept(with_anna: Interaction, desk: Client) -> None:
    def stored() -> set[Path]:
        return {path for path in Path(settings.ATTACHMENTS_DIR).rglob("*") if path.is_file()}

    before = stored()
    fields = {"text": "Ecco", "version": "0", "files": [SimpleUploadedFile("a.txt", b"a")]}
    assert desk.post(at(with_anna, "answer/"), fields, headers=PART).status_code == 409
    assert (Attachment.objects.count(), stored()) == (0, before)


@pytest.mark.django_db
def test_too_many_files_or_too_large_ones_are_refused_before_anything_is_written(
    with_anna: Interaction, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(6)]
    answer = desk.post(
        at(with_anna, "answer/"), {"text": "x", "version": with_anna.version, "files": many}, headers=PART
    )
    assert (answer.status_code, "5 files at most" in answer.content.decode()) == (422, True)
    small = dataclasses.replace(paper.Adapter.abilities, max_file_size=1_000_000)
    monkeypatch.setattr(paper.Adapter, "abilities", small)
    large = [SimpleUploadedFile("foto.png", b"x" * 1_000_001)]
    answer = desk.post(
        at(with_anna, "answer/"), {"text": "x", "version": with_anna.version, "files": large}, headers=PART
    )
    assert (answer.status_code, "larger than the 1 MB" in answer.content.decode()) == (422, True)
    assert Attachment.objects.count() == 0


@pytest.mark.django_db
def test_nul_and_lone_surrogates_in_an_answer_do_no_harm(with_anna: Interaction, desk: Client) -> None:
    answer = desk.post(
        at(with_anna, "answer/"), {"text": "a\x00b", "version": with_anna.version, "client_id": "\x00"}, headers=PART
    )
    assert answer.status_code == 200
    assert answers(with_anna) == ["ab"]


# --- moving on ---


@pytest.mark.django_db
def test_closing_ends_the_work_and_says_what_came_of_it(with_anna: Interaction, desk: Client) -> None:
    fields = {"version": with_anna.version, "outcome": "answered"}
    answer = desk.post(at(with_anna, "close/"), fields, headers=PART)
    assert (answer.status_code, answer["HX-Trigger"]) == (200, "desk:done")
    item = WorkItem.objects.get()
    assert (item.state, item.outcome) == ("done", "answered")


@pytest.mark.django_db
def test_closing_over_unread_words_is_refused(with_anna: Interaction, desk: Client, write: Write) -> None:
    seen = with_anna.version
    write("Un'altra cosa!")
    answer = desk.post(at(with_anna, "close/"), {"version": seen}, headers=PART)
    assert answer.status_code == 409
    assert "Un&#x27;altra cosa!" in answer.content.decode()
    assert WorkItem.objects.get().state == "claimed"


@pytest.mark.django_db
def test_only_the_owner_closes(giulia: Interaction, desk: Client) -> None:
    answer = desk.post(at(giulia, "close/"), {"version": giulia.version}, headers=PART)
    assert answer.status_code == 409
    assert "Take it first" in answer.content.decode()


@pytest.mark.django_db
def test_what_is_finished_needs_nobody(with_anna: Interaction, desk: Client) -> None:
    desk.post(at(with_anna, "close/"), {"version": with_anna.version}, headers=PART)
    answer = desk.post(at(with_anna, "take/"), headers=PART)
    assert (answer.status_code, "it is finished" in answer.content.decode()) == (409, True)


@pytest.mark.django_db
def test_giving_back_keeps_the_place_in_line(with_anna: Interaction, desk: Client) -> None:
    since = WorkItem.objects.get().queued_at
    answer = desk.post(at(with_anna, "release/"), headers=PART)
    item = WorkItem.objects.get()
    assert (answer["HX-Push-Url"], item.state, item.queued_at) == ("/desk/", "waiting", since)


@pytest.mark.django_db
def test_a_transfer_takes_its_note_along_and_leaves_the_desk(
    with_anna: Interaction, desk: Client, town: Town, carla: User, sign_in: SignIn
) -> None:
    fields = {"queue": "tributi", "note": "Doppio versamento, vedi ricevuta."}
    answer = desk.post(at(with_anna, "transfer/"), fields, headers=PART)
    assert "It waits in Tributi now" in answer.content.decode()
    assert desk.get(at(with_anna), headers=PART).status_code == 404
    assert "Doppio versamento" in sign_in(carla).get(at(with_anna), headers=PART).content.decode()


@pytest.mark.django_db
def test_a_queue_that_does_not_exist_is_not_there(with_anna: Interaction, desk: Client) -> None:
    assert desk.post(at(with_anna, "transfer/"), {"queue": "nowhere"}, headers=PART).status_code == 404


@pytest.mark.django_db
def test_a_case_is_opened_or_linked(with_anna: Interaction, desk: Client, town: Town) -> None:
    opened = Case.objects.count()
    with_anna.refresh_from_db()
    form = {"subject": "Rimborso TARI", "topic": "tari-rimborso", "version": with_anna.version}
    answer = desk.post(at(with_anna, "case/open/"), form, headers=PART)
    case = Case.objects.latest("id")
    assert (answer.status_code, Case.objects.count(), case.topic) == (200, opened + 1, town.refund)
    with_anna.refresh_from_db()
    assert with_anna.case == case
    first = Case.objects.earliest("id")
    linking = {"number": first.number, "version": with_anna.version}
    desk.post(at(with_anna, "case/link/"), linking, headers=PART)
    with_anna.refresh_from_db()
    assert with_anna.case == first
    taking_out = {"why": "È un'altra casa", "version": with_anna.version}
    assert desk.post(at(with_anna, "case/unlink/"), taking_out, headers=PART).status_code == 200
    with_anna.refresh_from_db()
    assert with_anna.case is None


@pytest.mark.django_db
def test_a_case_that_cannot_be_linked_is_not_opened_either(with_anna: Interaction, desk: Client) -> None:
    opened = Case.objects.count()
    form = {"subject": "Rimborso", "version": 0}
    assert desk.post(at(with_anna, "case/open/"), form, headers=PART).status_code == 409
    assert Case.objects.count() == opened


@pytest.mark.django_db
def test_a_case_one_may_not_see_cannot_be_linked(with_anna: Interaction, desk: Client, town: Town) -> None:
    theirs = cases.open(subject="Riservata", office=town.taxes)
    answer = desk.post(at(with_anna, "case/link/"), {"number": theirs.number}, headers=PART)
    assert answer.status_code == 404
    assert "Riservata" not in answer.content.decode()


@pytest.mark.django_db
def test_a_name_is_corrected_and_an_address_verified_with_the_proof(
    with_anna: Interaction, desk: Client, anna: User
) -> None:
    desk.post(at(with_anna, "name/"), {"name": " Giulia Ferri Conti "}, headers=PART)
    with_anna.refresh_from_db()
    assert with_anna.citizen is not None
    assert with_anna.citizen.name == "Giulia Ferri Conti"
    point = ContactPoint.objects.get()
    html = desk.post(at(with_anna, f"verify/{point.pk}/"), {"how": "identity card"}, headers=PART).content.decode()
    point.refresh_from_db()
    assert (point.is_verified, point.verified_how) == (True, "identity card")
    assert "address verified by Anna Bianchi" in html
    assert AuditEntry.objects.filter(action="contact-point.verified", actor=anna).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("verb, field", [("name/", "name"), ("verify/{point}/", "how")])
def test_an_empty_correction_is_asked_for_again(verb: str, field: str, with_anna: Interaction, desk: Client) -> None:
    address = at(with_anna, verb.format(point=ContactPoint.objects.get().pk))
    assert desk.post(address, {field: " \x00 "}, headers=PART).status_code == 422


@pytest.mark.django_db
def test_the_address_of_another_citizen_cannot_be_verified_here(
    with_anna: Interaction, write: Write, desk: Client
) -> None:
    write("Buongiorno", who="paolo", name="Paolo Neri")
    other = ContactPoint.objects.get(value="paolo@example.it")
    assert desk.post(at(with_anna, f"verify/{other.pk}/"), {"how": "x"}, headers=PART).status_code == 404


# --- presence, language ---


@pytest.mark.django_db
def test_presence_is_one_click_and_a_fact(desk: Client, anna: User) -> None:
    html = desk.post("/desk/presence/", {"status": "available"}, headers=PART).content.decode()
    assert 'class="dot available"' in html
    assert Presence.objects.get(user=anna).status == "available"
    assert Event.objects.filter(name="presence.changed", actor=anna).count() == 1
    assert desk.post("/desk/presence/", {"status": "asleep"}, headers=PART).status_code == 422


@pytest.mark.django_db
def test_the_language_is_remembered_and_leads_nowhere_else(desk: Client, anna: User) -> None:
    answer = desk.post("/language/", {"language": "uk", "next": "https://evil.example/"})
    anna.refresh_from_db()
    assert (answer["Location"], anna.language, answer.cookies["django_language"].value) == ("/desk/", "uk", "uk")
    assert desk.post("/language/", {"language": "xx", "next": "/desk/"}).cookies == {}
    assert Client().post("/language/", {"language": "es", "next": "/login/"})["Location"] == "/login/"


@pytest.mark.django_db
def test_nothing_is_changed_by_reading(giulia: Interaction, desk: Client) -> None:
    for verb in ("take/", "close/", "answer/", "release/", "transfer/"):
        assert desk.get(at(giulia, verb)).status_code == 405


@pytest.mark.django_db
def test_a_foreign_site_cannot_act_for_an_agent(giulia: Interaction, anna: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(anna)
    assert browser.post(at(giulia, "take/"), headers=PART).status_code == 403


@pytest.mark.django_db
def test_closing_what_nobody_has_to_work_on(with_anna: Interaction, desk: Client) -> None:
    WorkItem.objects.all().delete()
    answer = desk.post(at(with_anna, "close/"), {"version": with_anna.version}, headers=PART)
    with_anna.refresh_from_db()
    assert (answer.status_code, with_anna.is_open) == (200, False)
    late = desk.post(at(with_anna, "answer/"), {"text": "x", "version": with_anna.version}, headers=PART)
    assert (late.status_code, "closed" in late.content.decode()) == (409, True)


@pytest.mark.django_db
def test_an_answer_is_not_stale_because_an_earlier_one_has_left_meanwhile(
    with_anna: Interaction, desk: Client, anna: User
) -> None:
    first = replies.reply(interaction=with_anna, text="Un attimo", actor=anna)
    with_anna.refresh_from_db()
    seen = with_anna.version
    states.advance(message=first, state=Message.State.DELIVERED)
    with_anna.refresh_from_db()
    assert with_anna.version > seen
    form = {"text": "Ecco la ricevuta", "version": seen, "client_id": "due"}
    assert desk.post(at(with_anna, "answer/"), form, headers=PART).status_code == 200
    assert answers(with_anna) == ["Un attimo", "Ecco la ricevuta"]


@pytest.mark.django_db
def test_a_colleagues_note_written_meanwhile_is_read_before_the_answer_leaves(
    with_anna: Interaction, desk: Client, bruno: User
) -> None:
    seen = with_anna.version
    interactions.note(interaction=with_anna, text="Non rispondere: ha chiamato", actor=bruno)
    answer = desk.post(at(with_anna, "answer/"), {"text": "Ecco", "version": seen, "client_id": "c"}, headers=PART)
    assert answer.status_code == 409
    assert "Non rispondere: ha chiamato" in answer.content.decode()
