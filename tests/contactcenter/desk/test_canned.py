"""The list behind the slash, what leaves with it, and the pages where canned answers are kept."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contactcenter.writing import canned
from contactcenter.writing.models import CannedAnswer
from crm.models import Interaction, Message, User
from tests.contactcenter.desk.conftest import PART, SignIn, at, take
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "in_english")]


def keep(actor: User, shortcut: str, texts: dict[str, str], scope: str = "personal", **more: Any) -> CannedAnswer:
    return canned.add(shortcut=shortcut, title=shortcut.title(), texts=texts, scope=scope, actor=actor, **more)


def listed(desk: Client, interaction: Interaction) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get(at(interaction, "canned/"), headers=PART).json()["answers"]
    return found


def answer(desk: Client, interaction: Interaction, text: str, **more: str) -> Any:
    interaction.refresh_from_db()
    fields = {"as": "reply", "text": text, "client_id": "c1", "version": interaction.version, **more}
    return desk.post(at(interaction, "answer/"), fields, headers=PART)


def test_the_citizens_language_comes_first_and_another_one_says_so(
    desk: Client, with_anna: Interaction, anna: User
) -> None:
    Interaction.objects.filter(pk=with_anna.pk).update(language="uk")
    keep(anna, "orari", {"it": "Dalle 9 alle 12."})
    keep(anna, "saluto", {"it": "Buongiorno", "uk": "Добрий день, {{citizen}}"})
    first, second = listed(desk, with_anna)
    assert (first["text"], first["language"], first["fallback"]) == ("Добрий день, Giulia Ferri", "uk", "")
    assert (second["text"], second["fallback"]) == ("Dalle 9 alle 12.", "in italian only")


def test_it_is_filled_in_as_far_as_the_house_knows(desk: Client, with_anna: Interaction, anna: User) -> None:
    Interaction.objects.filter(pk=with_anna.pk).update(case=None)
    keep(anna, "firma", {"it": "{{agent}}, {{office}}, {{today}}, {{case}}"})
    (one,) = listed(desk, with_anna)
    assert one["text"] == "Anna Bianchi, Accoglienza, 23 novembre 2026, {{case}}"
    assert one["missing"] == "number of the case"


def test_who_may_not_see_the_conversation_gets_no_list(with_anna: Interaction, carla: User, sign_in: SignIn) -> None:
    assert sign_in(carla).get(at(with_anna, "canned/"), headers=PART).status_code == 404


def test_it_counts_when_it_is_sent_once_however_often_it_is_clicked(
    desk: Client, with_anna: Interaction, anna: User
) -> None:
    one = keep(anna, "orari", {"it": "Dalle 9 alle 12."})
    listed(desk, with_anna)
    for _click in range(2):
        assert answer(desk, with_anna, "Dalle 9", canned=f"{one.public_id} nonsense").status_code == 200
    one.refresh_from_db()
    assert one.uses == 1


def test_an_open_place_is_asked_about_and_nothing_leaves_meanwhile(desk: Client, with_anna: Interaction) -> None:
    asked = answer(desk, with_anna, "La pratica è la {{case}}.")
    assert asked.status_code == 409
    assert asked["HX-Retarget"] == "#dialog-body"
    assert "a place left open: number of the case" in asked.content.decode()
    assert not Message.objects.filter(direction="out", author__isnull=False).exists()
    assert answer(desk, with_anna, "La pratica è la {{case}}.", unfilled_too="1").status_code == 200
    assert Message.objects.filter(text="La pratica è la {{case}}.").exists()


def test_a_note_may_speak_of_placeholders(desk: Client, with_anna: Interaction) -> None:
    assert answer(desk, with_anna, "Scrivi {{case}}", **{"as": "note"}).status_code == 200


def test_the_composer_offers_them_where_one_can_answer(desk: Client, giulia: Interaction, anna: User) -> None:
    assert "data-slash-box" not in desk.get(at(giulia)).content.decode()
    take(giulia, anna)
    assert at(giulia, "canned/") in desk.get(at(giulia)).content.decode()


def test_anna_keeps_changes_and_retires_her_own(desk: Client, anna: User, town: Town) -> None:
    fields = {"shortcut": "firma", "title": "La mia firma", "texts_it": "Resto a disposizione. {{agent}}"}
    desk.post(reverse("desk-canned-new"), fields)
    one = CannedAnswer.objects.get(owner=anna)
    assert "/firma" in desk.get(reverse("desk-canned-own")).content.decode()
    wrong = desk.post(reverse("desk-canned-edit", args=[one.public_id]), {**fields, "texts_it": "Ciao {{nome}}"})
    assert "     ^^^^^^^^" in wrong.content.decode()
    desk.post(reverse("desk-canned-edit", args=[one.public_id]), {**fields, "title": "Firma"})
    desk.post(reverse("desk-canned-turn", args=[one.public_id]))
    one.refresh_from_db()
    assert (one.title, one.active) == ("Firma", False)
    assert "Use again" in desk.get(reverse("desk-canned-own")).content.decode()


def test_bruno_finds_nothing_of_hers(desk: Client, anna: User, bruno: User, sign_in: SignIn) -> None:
    one = keep(anna, "firma", {"it": "Ciao"})
    his = sign_in(bruno)
    assert "/firma" not in his.get(reverse("desk-canned-own")).content.decode()
    for name in ("desk-canned-edit", "desk-canned-turn"):
        assert his.post(reverse(name, args=[one.public_id]), {}).status_code == 404


def test_ada_sets_up_those_of_an_office_and_of_the_house(ada: User, anna: User, sign_in: SignIn, town: Town) -> None:
    settings = sign_in(ada)
    keep(anna, "firma", {"it": "Ciao"})
    for place, shortcut in (("accoglienza", "orari"), ("*", "saluto")):
        fields = {"shortcut": shortcut, "title": shortcut, "place": place, "texts_it": "Buongiorno"}
        assert settings.post(reverse("settings-canned-new"), fields).status_code == 302
    assert set(CannedAnswer.objects.values_list("scope", "office__slug")) == {
        ("personal", None), ("office", "accoglienza"), ("global", None),
    }  # fmt: skip
    shown = settings.get(reverse("settings-canned")).content.decode()
    assert "/orari" in shown
    assert "/firma" not in shown
    mine = CannedAnswer.objects.get(owner=anna)
    assert settings.get(reverse("settings-canned-answer", args=[mine.public_id])).status_code == 404


def test_agents_have_no_business_in_the_settings(desk: Client, town: Town) -> None:
    assert desk.get(reverse("settings-canned")).status_code == 403
