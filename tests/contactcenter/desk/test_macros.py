"""Several steps under one name: read before they run, run in order, stopped by the first refusal."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from contactcenter.writing import canned, macros
from contactcenter.writing.models import Macro
from crm import access
from crm.models import AuditEntry, Interaction, Message, User
from tests.contactcenter.desk.conftest import PART, SignIn, at, take
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "in_english")]


def keep(actor: User, scope: str = "personal", office: Any = None, **steps: str) -> Macro:
    return macros.add(title="Rimborso doppio", steps=steps, scope=scope, actor=actor, office=office)


def run(desk: Client, interaction: Interaction, macro: Macro, **more: Any) -> Any:
    interaction.refresh_from_db()
    fields = {"version": interaction.version, **more}
    return desk.post(at(interaction, f"macros/{macro.public_id}/run/"), fields, headers=PART)


def test_it_says_in_words_what_it_would_do_and_does_nothing_yet(
    desk: Client, with_anna: Interaction, anna: User, town: Town
) -> None:
    macro = keep(
        anna, language="uk", topic="tari-rimborso", note="Ha pagato due volte", case="open", ending="transfer",
        queue="tributi",
    )  # fmt: skip
    before = with_anna.version
    assert "Rimborso doppio" in desk.get(at(with_anna, "macros/"), headers=PART).content.decode()
    shown = desk.get(at(with_anna, f"macros/{macro.public_id}/"), headers=PART).content.decode()
    order = [
        "Set the language to ukrainian",
        "Set the topic to TARI",
        "Ha pagato due volte",
        "Open a case",
        "Pass it on to Tributi",
    ]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)
    with_anna.refresh_from_db()
    assert with_anna.version == before


def test_every_step_goes_through_its_own_verb(desk: Client, with_anna: Interaction, anna: User, town: Town) -> None:
    Interaction.objects.filter(pk=with_anna.pk).update(case=None)
    macro = keep(
        anna, language="uk", topic="tari-rimborso", note="Per {{citizen}}", case="open", ending="park", until="answer"
    )
    answer = run(desk, with_anna, macro)
    assert answer.status_code == 200
    assert "Done: Set the language to ukrainian; " in answer.content.decode()
    with_anna.refresh_from_db()
    assert (with_anna.language, with_anna.topic) == ("uk", town.refund)
    assert with_anna.case is not None
    assert with_anna.case.topic == town.refund
    assert Message.objects.filter(interaction=with_anna, direction="note", text="Per Giulia Ferri").exists()
    item = work_items.open_item(with_anna)
    assert item is not None
    assert item.state == WorkItem.State.PARKED
    assert AuditEntry.objects.get(action="macro.run").data == {"macro": str(macro.public_id), "done": 5, "of": 5}
    macro.refresh_from_db()
    assert macro.uses == 1


def test_the_first_refusal_stops_it_and_says_what_was_done(
    desk: Client, giulia: Interaction, anna: User, bruno: User, town: Town
) -> None:
    take(giulia, bruno)
    macro = keep(anna, note="Da rimborsare", ending="close", outcome="rimborsato")
    refused = run(desk, giulia, macro)
    shown = refused.content.decode()
    assert refused.status_code == 409
    assert refused["HX-Retarget"] == "#dialog-body"
    assert (
        shown.index("Done:")
        < shown.index("Da rimborsare")
        < shown.index("Not done:")
        < shown.index("Close it: rimborsato")
    )
    giulia.refresh_from_db()
    assert giulia.is_open
    assert AuditEntry.objects.get(action="macro.run").data["done"] == 1
    macro.refresh_from_db()
    assert macro.uses == 0


def test_a_closed_queue_is_a_refusal_like_any_other(
    desk: Client, with_anna: Interaction, anna: User, town: Town
) -> None:
    macro = keep(anna, ending="transfer", queue="tributi")
    town.taxes_queue.active = False
    town.taxes_queue.save()
    assert "This queue isn’t in use any more." in run(desk, with_anna, macro).content.decode()


def test_words_go_to_the_composer_and_not_to_the_citizen(desk: Client, with_anna: Interaction, anna: User) -> None:
    words = canned.add(
        shortcut="doppio", title="Pagata due volte", texts={"it": "Gentile {{citizen}}"}, scope="personal", actor=anna
    )
    macro = keep(anna, answer=str(words.public_id))
    told = json.loads(run(desk, with_anna, macro)["HX-Trigger"])
    assert told["desk:insert"] == {"text": "Gentile Giulia Ferri", "id": str(words.public_id)}
    assert not Message.objects.filter(direction="out", author=anna).exists()


def test_what_came_in_since_the_preview_is_read_first(desk: Client, with_anna: Interaction, anna: User) -> None:
    macro = keep(anna, note="Da rimborsare")
    stale = run(desk, with_anna, macro, version=with_anna.version - 1)
    assert stale.status_code == 409
    assert not Message.objects.filter(direction="note").exists()


def test_nobody_runs_anothers_nor_where_they_see_nothing(
    with_anna: Interaction, anna: User, bruno: User, carla: User, sign_in: SignIn
) -> None:
    macro = keep(anna, note="Da rimborsare")
    for colleague in (bruno, carla):
        assert run(sign_in(colleague), with_anna, macro).status_code == 404
    with pytest.raises(access.Forbidden):
        macros.change(macro=macro, title="Mio", steps={"note": "x"}, actor=bruno)


@pytest.mark.parametrize(
    "steps, place",
    [
        ({}, "title"),
        ({"language": "ucraino"}, "language"),
        ({"topic": "niente"}, "topic"),
        ({"note": "x" * 2001}, "note"),
        ({"answer": "7e57ed00-0000-4000-8000-000000000001"}, "answer"),
        ({"ending": "transfer", "queue": "niente"}, "queue"),
        ({"ending": "park", "until": "mai"}, "until"),
        ({"ending": "burn"}, "ending"),
    ],
)
def test_what_can_not_be_done_is_refused_when_it_is_kept(steps: dict[str, str], place: str, anna: User) -> None:
    with pytest.raises(macros.Wrong) as refused:
        keep(anna, **steps)
    assert list(refused.value.sentences) == [place]


def test_an_offices_macro_names_no_answer_that_some_are_not_offered(ada: User, anna: User, town: Town) -> None:
    mine = canned.add(shortcut="firma", title="Firma", texts={"it": "Ciao"}, scope="personal", actor=anna)
    with pytest.raises(macros.Wrong):
        keep(ada, "office", town.front, answer=str(mine.public_id))


def test_forms_keep_change_and_retire_it(desk: Client, anna: User, ada: User, sign_in: SignIn, town: Town) -> None:
    fields = {
        "title": "Rimborso",
        "note": "Da rimborsare",
        "case": "on",
        "ending": "close",
        "outcome": "fatto",
        "until": "hour",
    }
    assert desk.post(reverse("desk-macro-new"), fields).status_code == 302
    one = Macro.objects.get(owner=anna)
    assert one.steps == {"note": "Da rimborsare", "case": "open", "ending": "close", "outcome": "fatto"}
    shown = desk.get(reverse("desk-macro-edit", args=[one.public_id])).content.decode()
    assert "Da rimborsare" in shown
    desk.post(reverse("desk-macro-turn", args=[one.public_id]))
    one.refresh_from_db()
    assert not one.active
    settings = sign_in(ada)
    assert settings.post(reverse("settings-macro-new"), {**fields, "place": "accoglienza"}).status_code == 302
    assert "Rimborso" in settings.get(reverse("settings-macros")).content.decode()
    assert settings.get(reverse("settings-macro", args=[one.public_id])).status_code == 404
    nothing = settings.post(reverse("settings-macro-new"), {"title": "Vuota", "place": "*"})
    assert "It does nothing yet." in nothing.content.decode()
