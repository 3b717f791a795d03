"""Merging, splitting and changing the case, as an agent does it at the desk."""

import pytest
from django.test import Client

from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import joining
from contactcenter.outbox.models import OutboxItem
from crm import cases
from crm.models import Case, Event, Interaction, Message, User
from tests.contactcenter.desk.conftest import PART, SignIn, Write, at, take
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def again(write: Write, with_anna: Interaction) -> Interaction:
    """Giulia's second letter, in a conversation of its own; the acknowledgements have left."""
    second = write("Avete visto la mia lettera?", thread="altro")
    Message.objects.filter(direction="out").update(state="sent")
    OutboxItem.objects.all().delete()
    return second


def version_of(interaction: Interaction) -> int:
    interaction.refresh_from_db()
    return interaction.version


def merge(desk: Client, target: Interaction, source: Interaction, seen: int | None = None) -> tuple[int, str]:
    seen = version_of(source) if seen is None else seen
    given = {"version": version_of(target), "source": f"{source.public_id}:{seen}"}
    answer = desk.post(at(target, "merge/"), given, headers=PART)
    return answer.status_code, answer.content.decode()


def test_the_dialog_offers_the_persons_other_conversations_to_read_and_to_merge(
    with_anna: Interaction, again: Interaction, desk: Client
) -> None:
    html = desk.get(at(with_anna, "merging/"), headers=PART).content.decode()
    assert f'value="{again.public_id}:{version_of(again)}"' in html
    assert f'hx-get="{at(again, "folded/")}"' in html
    assert "disabled" not in html


def test_what_a_colleague_has_is_shown_and_cannot_be_chosen(
    with_anna: Interaction, again: Interaction, desk: Client, bruno: User
) -> None:
    take(again, bruno)
    html = desk.get(at(with_anna, "merging/"), headers=PART).content.decode()
    assert "has it now. Ask them first." in html
    assert "disabled" in html


def test_merged_the_words_are_here_and_the_other_one_leads_here(
    with_anna: Interaction, again: Interaction, desk: Client
) -> None:
    status, html = merge(desk, with_anna, again)
    assert status == 200
    assert "Avete visto la mia lettera?" in html
    assert "another conversation was merged into this one by Anna Bianchi" in html
    old = desk.get(at(again), headers=PART).content.decode()
    assert "Where it goes on" in old
    assert at(with_anna) in old
    assert 'data-key="o"' not in old
    assert at(again, "folded/") not in html.split('id="before"')[-1]


def test_something_came_in_there_meanwhile_and_is_read_first(
    with_anna: Interaction, again: Interaction, desk: Client
) -> None:
    status, html = merge(desk, with_anna, again, seen=version_of(again) - 1)
    assert status == 409
    assert "Something came in meanwhile" in html
    again.refresh_from_db()
    assert again.is_open


@pytest.mark.parametrize("source", ["", "x:1", "00000000-0000-4000-8000-000000000000", "' or 1=1:--"])
def test_nothing_sensible_chosen_is_a_sentence(with_anna: Interaction, desk: Client, source: str) -> None:
    answer = desk.post(at(with_anna, "merge/"), {"version": 1, "source": source}, headers=PART)
    assert answer.status_code == 422
    assert "Choose the conversation that belongs to this one." in answer.content.decode()


def test_where_the_channel_forbids_it_the_dialog_says_so_and_offers_the_case(
    with_anna: Interaction, again: Interaction, desk: Client, chat_account: ChannelAccount
) -> None:
    Interaction.objects.update(account=chat_account.slug)
    html = desk.get(at(with_anna, "merging/"), headers=PART).content.decode()
    assert "open before them" in html
    assert at(with_anna, "case/") in html
    assert "open before them" in desk.get(at(with_anna, "splitting/"), headers=PART).content.decode()


def test_split_from_a_message_on_and_the_fact_leads_there(
    with_anna: Interaction, write: Write, desk: Client, town: Town
) -> None:
    write("E poi la mensa scolastica")
    Message.objects.filter(direction="out").update(state="sent")
    seq = Message.objects.get(text="E poi la mensa scolastica").seq
    html = desk.get(at(with_anna, "splitting/"), headers=PART).content.decode()
    assert "E poi la mensa scolastica" in html
    assert "arrives in this conversation, not in the new one" in html
    given = {"version": version_of(with_anna), "from": seq, "queue": town.taxes_queue.slug}
    answer = desk.post(at(with_anna, "split/"), given, headers=PART)
    assert answer.status_code == 200
    apart = Interaction.objects.exclude(pk=with_anna.pk).get()
    assert apart.queue == "tributi"
    shown = answer.content.decode()
    assert "a part was split off by Anna Bianchi" in shown
    assert at(apart) in shown


def test_a_merge_is_taken_back_by_a_split(with_anna: Interaction, again: Interaction, desk: Client, town: Town) -> None:
    merge(desk, with_anna, again)
    given = {"version": version_of(with_anna), "from": "", "merged": again.public_id, "queue": town.front_queue.slug}
    assert desk.post(at(with_anna, "split/"), given, headers=PART).status_code == 200
    again.refresh_from_db()
    assert (again.is_open, again.merged_into) == (True, None)
    assert again.messages.filter(text="Avete visto la mia lettera?").exists()


def test_both_ways_at_once_are_a_question(with_anna: Interaction, again: Interaction, desk: Client, town: Town) -> None:
    given = {"version": 1, "from": "2", "merged": again.public_id, "queue": town.front_queue.slug}
    answer = desk.post(at(with_anna, "split/"), given, headers=PART)
    assert answer.status_code == 422
    assert "Choose one of the two" in answer.content.decode()


def test_another_office_neither_merges_nor_splits(
    with_anna: Interaction, again: Interaction, carla: User, sign_in: SignIn
) -> None:
    theirs = sign_in(carla)
    assert merge(theirs, with_anna, again)[0] == 404
    assert theirs.get(at(with_anna, "splitting/"), headers=PART).status_code == 404


def test_an_emptied_conversation_is_no_work_of_a_second_merge(
    with_anna: Interaction, again: Interaction, desk: Client, anna: User
) -> None:
    merge(desk, with_anna, again)
    assert merge(desk, with_anna, again)[0] == 422
    assert joining.why_never(with_anna) == ""


# --- the case, from the right-hand column ---


def change(desk: Client, interaction: Interaction, case: Case, **given: object) -> tuple[int, str]:
    said: dict[str, object] = {
        "version": case.version, "subject": case.subject, "status": case.status, "level": case.level,
        "priority": case.priority, **given,
    }  # fmt: skip
    answer = desk.post(at(interaction, "case/change/"), said, headers=PART)
    return answer.status_code, answer.content.decode()


@pytest.fixture
def case(with_anna: Interaction) -> Case:
    return Case.objects.get(interactions=with_anna)


def test_level_priority_owner_status_title_and_topic_are_changed_from_the_conversation(
    with_anna: Interaction, case: Case, desk: Client, bruno: User, town: Town
) -> None:
    assert "Change the case" in desk.get(at(with_anna), headers=PART).content.decode()
    status, html = change(
        desk, with_anna, case, subject="TARI pagata due volte", status="waiting", level=2, priority=1,
        owner=bruno.public_id, topic="tari-rimborso",
    )  # fmt: skip
    assert status == 200
    assert "TARI pagata due volte" in html
    case.refresh_from_db()
    assert (case.status, case.level, case.priority, case.owner, case.topic) == ("waiting", 2, 1, bruno, town.refund)
    fields = Event.objects.get(name="case.changed").data["fields"]
    assert fields == ["level", "owner", "priority", "subject", "topic"]


def test_only_what_differs_is_a_change(with_anna: Interaction, case: Case, desk: Client) -> None:
    assert change(desk, with_anna, case)[0] == 200
    assert not Event.objects.filter(name__in=["case.changed", "case.open"]).exists()


def test_somebody_changed_it_meanwhile_and_the_form_shows_how_it_is(
    with_anna: Interaction, case: Case, desk: Client, bruno: User
) -> None:
    cases.change(case=Case.objects.get(pk=case.pk), actor=bruno, subject="Rimborso TARI")
    status, html = change(desk, with_anna, case, priority=1)
    assert status == 409
    assert "This case changed meanwhile" in html
    assert 'value="Rimborso TARI"' in html
    assert Case.objects.get(pk=case.pk).priority == 3


@pytest.mark.parametrize(
    "given", [{"level": 9}, {"priority": ""}, {"subject": " "}, {"status": "lost"}, {"level": "²"}]
)
def test_what_no_case_can_be_is_refused_and_what_was_typed_stays(
    with_anna: Interaction, case: Case, desk: Client, given: dict[str, object]
) -> None:
    status, html = change(desk, with_anna, case, **{"subject": "Appena scritto", **given})
    assert status == 422
    assert "subject" in given or "Appena scritto" in html
    assert Case.objects.get(pk=case.pk).version == case.version


def test_whoever_may_not_read_it_does_not_own_it(with_anna: Interaction, case: Case, desk: Client, carla: User) -> None:
    status, html = change(desk, with_anna, case, owner=carla.public_id)
    assert status == 422
    assert "may not read this case" in html


def test_a_change_of_the_case_reaches_the_open_conversations_that_show_it(
    with_anna: Interaction, case: Case, bruno: User
) -> None:
    before = version_of(with_anna)
    cases.change(case=case, actor=bruno, priority=1)
    assert version_of(with_anna) > before


def test_a_case_nobody_may_see_is_not_there(with_anna: Interaction, case: Case, desk: Client, diego: User) -> None:
    Case.objects.filter(pk=case.pk).update(confidentiality="sealed", owner=diego)
    assert desk.get(at(with_anna, "case/changing/"), headers=PART).status_code == 404
    assert change(desk, with_anna, case, priority=1)[0] == 404
