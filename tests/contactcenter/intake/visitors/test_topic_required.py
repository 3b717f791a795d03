"""Where the topic must be chosen, whoever skips the page's form is asked for it as well."""

import pytest

from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from crm import interactions
from crm.models import Interaction, Message, Topic
from tests.contactcenter.intake.visitors.conftest import Browser, frames

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(chat: ChannelAccount) -> None:
    accounts.change(account=chat, actor=None, settings={"topic_required": True})


@pytest.mark.parametrize("topic", ["", "nonsense", "interno"])
def test_first_words_without_a_public_topic_are_refused_with_a_sentence(giulia: Browser, topic: str) -> None:
    Topic.objects.create(slug="interno", name="Interno", office=Topic.objects.get().office, public=False)
    [error] = frames(giulia.say("Ho pagato due volte.", topic=topic))
    assert (error["t"], error["code"], error["cid"]) == ("error", "topic-required", "c1")
    assert error["text"].startswith("Scegli")
    assert not Message.objects.exists()
    assert not Interaction.objects.exists()


def test_with_the_topic_the_same_words_come_in_and_the_next_ones_need_none(giulia: Browser) -> None:
    giulia.say("Ho pagato due volte.")
    assert frames(giulia.say("Ho pagato due volte.", topic="tari-rimborso"))[0]["t"] == "sent"
    assert frames(giulia.say("A gennaio.", cid="c2"))[0]["t"] == "sent"


@pytest.mark.django_db(transaction=True)
def test_words_that_are_here_already_are_confirmed_although_the_conversation_is_over(giulia: Browser) -> None:
    giulia.say("Ho pagato due volte.", topic="tari-rimborso")
    giulia.say("A gennaio.", cid="c2")
    interactions.close(interaction=Interaction.objects.get(), actor=None)
    assert frames(giulia.say("A gennaio.", cid="c2"))[0]["t"] == "sent"
    assert frames(giulia.say("Un'altra cosa.", cid="c3"))[0]["code"] == "topic-required"


def test_where_there_is_nothing_to_choose_nobody_is_asked(giulia: Browser) -> None:
    Topic.objects.update(public=False)
    assert frames(giulia.say("Buongiorno"))[0]["t"] == "sent"


def test_a_page_that_does_not_show_the_topics_does_not_require_one(giulia: Browser, chat: ChannelAccount) -> None:
    accounts.change(account=chat, actor=None, settings={"ask_topic": False})
    assert frames(giulia.say("Buongiorno"))[0]["t"] == "sent"
