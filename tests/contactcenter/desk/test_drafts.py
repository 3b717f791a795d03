"""What is half written is on the server: there on another machine, its author's alone, gone once it is sent."""

import uuid
from typing import Any

import pytest
from django.test import Client

from contactcenter.writing import drafts
from contactcenter.writing.models import Draft
from crm import access
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import PART, SignIn, at, take

FIRST, SECOND, THIRD = (str(uuid.UUID(int=number)) for number in (1, 2, 3))


def keep(
    browser: Client, interaction: Interaction, text: str, mark: str = FIRST, based_on: str = "", **more: str
) -> Any:
    fields = {"text": text, "mark": mark, "based_on": based_on, **more}
    return browser.post(at(interaction, "draft/"), fields, headers=PART)


def kept(browser: Client, interaction: Interaction) -> Any:
    return browser.get(at(interaction, "draft/"), headers=PART).json()["draft"]


@pytest.mark.django_db
def test_half_written_words_are_there_on_another_machine(giulia: Interaction, sign_in: SignIn, anna: User) -> None:
    assert keep(sign_in(anna), giulia, "Gentile Giulia,\r\nil rimb", **{"as": "note"}).status_code == 200
    assert kept(sign_in(anna), giulia) == {"text": "Gentile Giulia,\nil rimb", "note": True, "mark": FIRST}


@pytest.mark.django_db
def test_a_colleague_is_never_shown_them(giulia: Interaction, desk: Client, sign_in: SignIn, bruno: User) -> None:
    keep(desk, giulia, "Gentile Giulia")
    assert kept(sign_in(bruno), giulia) is None
    assert "Gentile Giulia" not in sign_in(bruno).get(at(giulia)).content.decode()


@pytest.mark.django_db
def test_who_may_not_see_the_conversation_keeps_nothing_in_it(
    giulia: Interaction, sign_in: SignIn, carla: User
) -> None:
    assert keep(sign_in(carla), giulia, "Buongiorno").status_code == 404
    with pytest.raises(access.NotVisible):
        drafts.keep(
            interaction=giulia, actor=carla, text="Buongiorno", note=False, mark=uuid.UUID(int=1), based_on=None
        )
    assert not Draft.objects.exists()


@pytest.mark.django_db
def test_each_writing_replaces_the_one_it_is_based_on(giulia: Interaction, desk: Client) -> None:
    keep(desk, giulia, "Gentile")
    assert keep(desk, giulia, "Gentile Giulia", SECOND, FIRST).status_code == 200
    assert kept(desk, giulia)["text"] == "Gentile Giulia"
    assert Draft.objects.count() == 1


@pytest.mark.django_db
def test_an_older_window_does_not_overwrite_a_newer_one_and_is_shown_its_words(
    giulia: Interaction, desk: Client
) -> None:
    keep(desk, giulia, "Gentile")
    keep(desk, giulia, "Gentile Giulia", SECOND, FIRST)
    late = keep(desk, giulia, "Gentile signora", THIRD, FIRST)
    assert late.status_code == 409
    assert late.json()["draft"]["text"] == "Gentile Giulia"
    assert late.json()["sentence"] == (
        "Other words of yours were kept here from another window. Choose which you go on with."
    )
    assert kept(desk, giulia)["text"] == "Gentile Giulia"


@pytest.mark.django_db
def test_an_older_window_does_not_empty_a_newer_one(giulia: Interaction, desk: Client) -> None:
    keep(desk, giulia, "Gentile")
    assert keep(desk, giulia, "", SECOND).status_code == 409
    assert kept(desk, giulia)["text"] == "Gentile"


@pytest.mark.django_db
def test_the_same_writing_twice_is_one_because_an_answer_may_get_lost(giulia: Interaction, desk: Client) -> None:
    keep(desk, giulia, "Gentile")
    assert keep(desk, giulia, "Gentile Giulia").status_code == 200
    assert kept(desk, giulia)["text"] == "Gentile Giulia"


@pytest.mark.django_db
def test_words_that_were_deleted_are_not_kept(giulia: Interaction, desk: Client) -> None:
    keep(desk, giulia, "Gentile")
    assert keep(desk, giulia, " ", SECOND, FIRST).json()["draft"] is None
    assert not Draft.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["reply", "note"])
def test_what_was_sent_is_no_draft_any_more_and_a_late_writing_does_not_bring_it_back(
    giulia: Interaction, desk: Client, anna: User, kind: str
) -> None:
    take(giulia, anna)
    keep(desk, giulia, "Provvediamo.")
    desk.post(
        at(giulia, "answer/"),
        {"as": kind, "text": "Provvediamo.", "client_id": "one", "version": giulia.version},
        headers=PART,
    )
    assert kept(desk, giulia) is None
    assert keep(desk, giulia, "Provvediamo", SECOND, FIRST).status_code == 409
    assert kept(desk, giulia) is None


@pytest.mark.django_db
def test_an_answer_that_is_refused_leaves_the_draft(giulia: Interaction, desk: Client, bruno: User) -> None:
    take(giulia, bruno)
    keep(desk, giulia, "Provvediamo.")
    assert desk.post(at(giulia, "answer/"), {"as": "reply", "text": "Provvediamo."}, headers=PART).status_code == 409
    assert kept(desk, giulia)["text"] == "Provvediamo."


@pytest.mark.django_db
def test_too_long_a_draft_is_refused_with_a_sentence(giulia: Interaction, desk: Client) -> None:
    answer = keep(desk, giulia, "a" * (drafts.LONGEST + 1))
    assert (answer.status_code, answer.json()["sentence"]) == (
        422,
        "A draft has 100000 characters at most. Shorten it.",
    )


@pytest.mark.django_db
def test_a_page_that_names_no_writing_is_told_to_reload(giulia: Interaction, desk: Client) -> None:
    answer = keep(desk, giulia, "Gentile", mark="7")
    assert (answer.status_code, answer.json()["sentence"]) == (422, "The page is out of date. Reload it.")


@pytest.mark.django_db
def test_no_store_between_keeps_a_copy(giulia: Interaction, desk: Client) -> None:
    assert keep(desk, giulia, "Gentile")["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_draft_goes_with_its_conversation_and_its_name_tells_none_of_its_words(
    giulia: Interaction, desk: Client
) -> None:
    keep(desk, giulia, "Gentile")
    assert "Gentile" not in str(Draft.objects.get())
    assert Draft._meta.get_field("interaction").remote_field.on_delete.__name__ == "CASCADE"
