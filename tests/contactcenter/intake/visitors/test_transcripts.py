"""The conversation by e-mail, because its citizen asked."""

import pytest

from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.outbox import replies
from contactcenter.outbox.models import OutboxItem
from crm import interactions
from crm.models import Interaction, User
from tests.contactcenter.intake.visitors.conftest import Browser, browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing(chat: ChannelAccount, mail_account: ChannelAccount) -> ChannelAccount:
    ChannelAccount.objects.filter(slug="comune").update(reply_through=mail_account)
    return accounts.find("comune")


def test_transcript_leaves_by_mail_with_both_sides_and_without_notes(mailing: ChannelAccount, anna: User) -> None:
    giulia = browser(mailing)
    giulia.say("Ho pagato due volte")
    interaction = Interaction.objects.get()
    replies.reply(interaction=interaction, text="Le mando il modulo.", actor=anna)
    interactions.note(interaction=interaction, text="Sembra agitata", actor=anna)
    assert giulia.post("transcript/", {"email": "giulia@example.org", "language": "it"}).status_code == 202
    letter = OutboxItem.objects.get(message=None).payload
    assert letter["to"][:2] == ["mailto", "giulia@example.org"]
    assert "Ho pagato due volte" in letter["text"]
    assert "Le mando il modulo." in letter["text"]
    assert "agitata" not in letter["text"]


def test_fourth_transcript_of_a_day_waits(mailing: ChannelAccount) -> None:
    giulia = browser(mailing)
    giulia.say("Buongiorno")
    answers = [giulia.post("transcript/", {"email": "giulia@example.org"}).status_code for _number in range(4)]
    assert answers == [202, 202, 202, 429]
    assert OutboxItem.objects.filter(message=None).count() == 3


def test_many_visitors_cannot_fill_one_mailbox_with_transcripts(mailing: ChannelAccount) -> None:
    answers = []
    for _visitor in range(6):
        somebody = browser(mailing)
        somebody.say("Buongiorno")
        answers.append(somebody.post("transcript/", {"email": "paolo@example.org"}).status_code)
    assert answers == [202] * 5 + [429]


@pytest.mark.parametrize("email", ["", "giulia", "giulia@example.org, marco@example.org", "a@b.it\r\nBcc: c@d.it"])
def test_transcript_needs_one_address(mailing: ChannelAccount, email: str) -> None:
    giulia = browser(mailing)
    giulia.say("Buongiorno")
    answer = giulia.post("transcript/", {"email": email})
    assert answer.status_code == 400
    assert OutboxItem.objects.filter(message=None).count() == 0


def test_transcript_without_a_mail_account_is_refused_in_words(giulia: Browser) -> None:
    giulia.say("Buongiorno")
    answer = giulia.post("transcript/", {"email": "giulia@example.org"})
    assert answer.status_code == 400
    assert answer.json()["error"]["text"].endswith(".")
