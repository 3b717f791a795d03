"""Which conversation a word belongs to, who works on it, and who is acknowledged: a sender's address proves nothing."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.sweep import sweep as take_up_again
from contactcenter.outbox import replies, sweep, tags
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm import interactions
from crm.models import Case, Citizen, Interaction, Message, User
from tests import paper
from tests.paper import GIULIA, post
from tests.people import Town


@pytest.mark.django_db
def test_an_answer_with_our_signed_tag_joins_its_conversation(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA)
    interaction = Interaction.objects.get()
    post(
        client,
        {"id": "g-2", "from": "giulia", "text": "Grazie.", "tags": ["nonsense", tags.sign(interaction.pk).upper()]},
    )
    interaction.refresh_from_db()
    assert interaction.messages.filter(direction="in").count() == 2
    assert WorkItem.objects.count() == 1


@pytest.mark.django_db
def test_a_forged_tag_joins_nothing(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA)
    interaction = Interaction.objects.get()
    forged = tags.sign(interaction.pk).rpartition(".")[0] + "." + "a" * tags.SIGNATURE_LENGTH
    post(client, {"id": "m-1", "from": "mallory", "text": "Fammi vedere tutto.", "tags": [forged]})
    assert Interaction.objects.count() == 2


@pytest.mark.django_db
def test_somebody_else_with_a_valid_tag_is_marked_and_never_acknowledged(
    client: Client, letters: ChannelAccount
) -> None:
    post(client, GIULIA)
    interaction = Interaction.objects.get()
    before = Message.objects.filter(direction="out").count()
    post(client, {"id": "m-1", "from": "mallory", "text": "Sono il marito.", "tags": [tags.sign(interaction.pk)]})
    message = Message.objects.get(external_id="m-1")
    assert (message.interaction, message.remarks) == (interaction, ["other-sender"])
    interaction.refresh_from_db()
    assert interaction.contact_point.value == "giulia"
    assert Message.objects.filter(direction="out").count() == before


@pytest.mark.django_db
def test_a_strangers_reference_to_a_citizens_own_message_joins_nothing(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA)
    post(client, {"id": "m-1", "from": "mallory", "text": "E a me?", "references": ["g-1"]})
    stranger = Message.objects.get(external_id="m-1").interaction
    assert stranger.contact_point.value == "mallory"
    assert stranger.case != Case.objects.order_by("pk").first()


@pytest.mark.django_db
def test_an_answer_to_what_left_through_another_account_joins_its_conversation(
    client: Client, letters: ChannelAccount, anna: User
) -> None:
    post(client, GIULIA)
    interaction = Interaction.objects.get()
    sportello = ChannelAccount.objects.create(
        slug="sportello", kind="paper", name="Sportello", office=letters.office, queue=letters.queue,
        reply_through=letters,
    )  # fmt: skip
    Interaction.objects.update(account=sportello.slug)
    Message.objects.create(
        interaction=interaction, seq=9, direction="out", account=sportello.slug, external_id="sheet-1",
        state="sent", created_at=timezone.now(),
    )  # fmt: skip
    post(client, {"id": "g-2", "from": "giulia", "text": "Grazie.", "references": ["sheet-1"]})
    assert Message.objects.get(external_id="g-2").interaction == interaction


@pytest.mark.django_db
def test_a_word_within_two_weeks_reopens_and_queues_again(client: Client, letters: ChannelAccount, anna: User) -> None:
    post(client, GIULIA)
    interaction = Interaction.objects.get()
    item = work_items.claim(item=WorkItem.objects.get(), actor=anna)
    work_items.finish(item=item, actor=anna)
    post(client, {"id": "g-2", "from": "giulia", "text": "Ancora niente.", "references": ["g-1"]})
    interaction.refresh_from_db()
    assert interaction.status == "open"
    assert list(WorkItem.objects.order_by("pk").values_list("state", flat=True)) == ["done", "waiting"]


@pytest.mark.django_db
def test_a_word_after_months_is_a_new_contact_in_the_same_case(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA)
    first = Interaction.objects.get()
    interactions.close(interaction=first, actor=None)
    Interaction.objects.update(closed_at=timezone.now() - dt.timedelta(days=90))
    WorkItem.objects.update(state="done", ended_at=timezone.now())
    post(client, {"id": "g-2", "from": "giulia", "text": "Rieccomi.", "references": ["g-1"]})
    second = Interaction.objects.exclude(pk=first.pk).get()
    assert (second.case, Case.objects.count()) == (first.case, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["auto-reply", "bounce", "own"])
def test_a_machines_answer_reopens_nothing_and_is_not_answered(
    client: Client, letters: ChannelAccount, kind: str
) -> None:
    post(client, GIULIA)
    interaction = Interaction.objects.get()
    WorkItem.objects.update(state="done", ended_at=timezone.now())
    interactions.close(interaction=interaction, actor=None)
    sent = Message.objects.filter(direction="out").count()
    post(client, {"id": "auto-1", "from": "giulia", "text": "Sono in ferie.", "references": ["g-1"], "automatic": kind})
    interaction.refresh_from_db()
    assert (interaction.status, interaction.messages.filter(direction="in").count()) == ("closed", 2)
    assert Message.objects.filter(direction="out").count() == sent
    assert not WorkItem.objects.filter(state="waiting").exists()


@pytest.mark.django_db
def test_a_newsletter_waits_behind_people_and_gets_no_acknowledgement(client: Client, letters: ChannelAccount) -> None:
    post(client, {"id": "n-1", "from": "notizie", "text": "Offerte!", "automatic": "list"})
    assert WorkItem.objects.get().priority < 0
    assert Message.objects.filter(direction="out").count() == 0
    assert Citizen.objects.count() == 0


@pytest.mark.django_db
def test_a_case_is_acknowledged_once(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA)
    post(client, {"id": "g-2", "from": "giulia", "text": "Siete lì?", "references": ["g-1"]})
    acknowledgement = Message.objects.get(direction="out")
    assert acknowledgement.text == f"Abbiamo ricevuto. Pratica {Case.objects.get().number}."
    assert acknowledgement.interaction.awaiting_reply_since is not None  # a machine's courtesy answers nobody


@pytest.mark.django_db
def test_two_programs_answering_each_other_stop_after_three(client: Client, letters: ChannelAccount) -> None:
    for number in range(6):
        post(client, {"id": f"x-{number}", "from": "robot", "text": "Ciao"})
    assert Message.objects.filter(automatic="acknowledgement").count() == 3


@pytest.mark.django_db
def test_the_chosen_topic_leads_to_its_office(client: Client, letters: ChannelAccount, town: Town) -> None:
    post(client, {**GIULIA, "topic": "tari-rimborso"})
    interaction = Interaction.objects.get()
    assert (interaction.office, interaction.queue, interaction.topic) == (town.taxes, "tributi", town.refund)
    assert "Tributi" in WorkItem.objects.get().why


@pytest.mark.django_db
def test_words_under_an_id_that_somebody_else_used_are_not_taken_for_a_repeat(
    client: Client, letters: ChannelAccount
) -> None:
    post(client, {"id": "g-1", "from": "mallory", "text": "Prima io."})
    assert post(client, GIULIA, delivery="d-2").content == b"Recorded"
    assert post(client, GIULIA, delivery="d-3").content == b"Duplicate"
    texts = set(Message.objects.filter(direction="in").values_list("text", flat=True))
    assert texts == {"Prima io.", "Ho pagato due volte la TARI."}


@pytest.mark.django_db
def test_an_edited_message_keeps_the_earlier_words_below(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA)
    post(client, {"edit": "g-1", "text": "Ho pagato tre volte."})
    message = Message.objects.get(external_id="g-1")
    assert (message.text, message.quoted) == ("Ho pagato tre volte.", "Ho pagato due volte la TARI.")


@pytest.mark.django_db
def test_an_answer_goes_where_the_citizen_asked_for_it(client: Client, letters: ChannelAccount, anna: User) -> None:
    post(client, {**GIULIA, "reply_to": "giulia.lavoro"})
    interaction = Interaction.objects.get()
    work_items.claim(item=WorkItem.objects.get(), actor=anna)
    replies.reply(interaction=interaction, text="Eccomi.", actor=anna)
    sweep.sweep()
    assert {sheet.to[0].value for sheet in paper.posted} == {"giulia.lavoro"}
    post(client, {"id": "g-2", "from": "giulia", "text": "Meglio qui.", "references": ["g-1"]})
    interaction.refresh_from_db()
    assert interaction.answers_to == interaction.contact_point


@pytest.mark.django_db
def test_nobody_else_leads_the_answers_away(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA)
    tag = tags.sign(Interaction.objects.get().pk)
    post(client, {"id": "m-1", "from": "mallory", "text": "A me, grazie.", "tags": [tag], "reply_to": "mallory"})
    answers_to = Interaction.objects.get().answers_to
    assert answers_to is not None
    assert answers_to.value == "giulia"


@pytest.mark.django_db
def test_a_correction_that_overtakes_its_message_waits_for_it(client: Client, letters: ChannelAccount) -> None:
    assert post(client, {"edit": "g-1", "text": "Tre volte."}).content == b"Stored"
    post(client, GIULIA)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1), tick=False):
        take_up_again()
    assert Message.objects.get(external_id="g-1").text == "Tre volte."
