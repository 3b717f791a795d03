"""Messages over HTTP, and the form of a closed or unstaffed office."""

import pytest

from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.models import RawDelivery
from contactcenter.outbox import replies
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues.models import WorkItem
from crm.models import Interaction, Message, User
from tests.contactcenter.intake.visitors.conftest import Browser, frames

pytestmark = pytest.mark.django_db
LETTER = {
    "cid": "f1", "name": "Giulia Ferri", "email": "giulia@example.org", "topic": "", "language": "it",
    "text": "Siete chiusi: come chiedo il rimborso?", "consent": True,
}  # fmt: skip


def test_message_is_stored_before_it_is_confirmed(giulia: Browser) -> None:
    [sent] = frames(giulia.say("Ho pagato due volte la TARI"))
    assert (sent["t"], sent["cid"], sent["seq"]) == ("sent", "c1", 1)
    message = Message.objects.get()
    assert (message.text, message.seq) == ("Ho pagato due volte la TARI", 1)
    assert WorkItem.objects.get(interaction=message.interaction).queue.slug == "accoglienza"


@pytest.mark.django_db(transaction=True)
def test_same_message_twice_is_one(giulia: Browser) -> None:
    first, second = frames(giulia.say("Buongiorno")), frames(giulia.say("Buongiorno"))
    assert first == second
    assert Message.objects.count() == 1


def test_same_id_with_other_words_stays_the_first_message(giulia: Browser) -> None:
    giulia.say("Buongiorno")
    [sent] = frames(giulia.say("Buonasera"))
    assert (sent["t"], sent["seq"]) == ("sent", 1)
    assert [message.text for message in Message.objects.all()] == ["Buongiorno"]


def test_what_the_page_missed_is_fetched(giulia: Browser, anna: User) -> None:
    giulia.say("Buongiorno")
    replies.reply(interaction=Interaction.objects.get(), text="Buongiorno, sono Anna.", actor=anna)
    welcome, said = frames(giulia.get("messages/?after=1"))
    assert (welcome["t"], welcome["state"], welcome["seq"]) == ("welcome", "waiting", 2)
    assert (said["seq"], said["prev"], said["author"], said["text"]) == (2, 1, "Anna", "Buongiorno, sono Anna.")


def test_citizens_see_only_their_own_conversation(giulia: Browser, marco: Browser) -> None:
    giulia.say("Il mio codice è 1234")
    assert [frame["t"] for frame in frames(marco.get("messages/?after=0"))] == ["welcome"]


def test_oversize_frame_is_refused_in_words(giulia: Browser) -> None:
    answer = giulia.say("x" * 20_000)
    assert answer.status_code == 413
    assert answer.json()["error"]["text"].endswith(".")


def test_message_that_is_too_long_is_refused_and_named(giulia: Browser) -> None:
    [refused] = frames(giulia.say("x" * 4001, "c7"))
    assert (refused["t"], refused["cid"]) == ("error", "c7")
    assert RawDelivery.objects.count() == 0


def test_numbers_in_the_address_may_be_nonsense(giulia: Browser) -> None:
    assert giulia.get("messages/?after=-5&wait=zero&conv=%00").status_code == 200
    assert giulia.get("messages/?after=99999999999999999999999").status_code == 200


def test_form_becomes_a_message_in_the_same_queue(giulia: Browser) -> None:
    answer = giulia.post("leave/", LETTER)
    assert answer.status_code == 201
    message = Message.objects.get()
    assert message.interaction.contact_point.scheme == "mailto"
    assert message.interaction.contact_point.value == "giulia@example.org"
    assert WorkItem.objects.get().queue.slug == "accoglienza"


@pytest.mark.django_db(transaction=True)
def test_form_sent_twice_is_one_message(giulia: Browser) -> None:
    giulia.post("leave/", LETTER)
    assert giulia.post("leave/", LETTER).json()["fresh"] is False
    assert Message.objects.count() == 1


def test_form_of_somebody_else_with_my_address_joins_no_conversation_of_mine(giulia: Browser, marco: Browser) -> None:
    giulia.post("leave/", LETTER)
    marco.post("leave/", {**LETTER, "cid": "f2", "text": "Sono Giulia, mandate tutto a me"})
    assert Interaction.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"email": "giulia"}, {"consent": False}, {"text": " "}, {"email": "a@b.it\nBcc: c@d.it"}]
)
def test_form_with_something_missing_is_refused_and_not_kept(giulia: Browser, wrong: dict[str, object]) -> None:
    answer = giulia.post("leave/", {**LETTER, **wrong})
    assert answer.status_code == 400
    assert answer.json()["error"]["text"].endswith(".")
    assert RawDelivery.objects.count() == 0


def test_answer_to_a_form_leaves_by_the_mail_account(giulia: Browser, mail_account: ChannelAccount, anna: User) -> None:
    ChannelAccount.objects.filter(slug="comune").update(reply_through=mail_account)
    giulia.post("leave/", LETTER)
    replies.reply(interaction=Interaction.objects.get(), text="Ecco come.", actor=anna)
    assert OutboxItem.objects.get(message__text="Ecco come.").account == mail_account
