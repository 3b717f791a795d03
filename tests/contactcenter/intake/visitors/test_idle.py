"""A citizen who falls silent while an agent waits is asked, then let go, and goes on by writing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from channels.db import database_sync_to_async as in_database

from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake.visitors import away, idle
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox import replies
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm import interactions
from crm.models import Event, Interaction, Message, User
from tests.contactcenter.intake.visitors.conftest import Browser, Page, frames

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    """Stands still until somebody moves it."""
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def waiting(clock: time_machine.Traveller, giulia: Browser, anna: User) -> Interaction:
    """Giulia wrote, Anna took it and answered with a question."""
    giulia.say("Ho pagato due volte.")
    item = work_items.open_item(Interaction.objects.get())
    assert item is not None
    work_items.claim(item=item, actor=anna)
    say(anna, "Mi dà il numero della pratica?")
    return Interaction.objects.get()


def say(actor: User, text: str) -> Message:
    return replies.reply(interaction=Interaction.objects.get(), text=text, actor=actor)


def later(clock: time_machine.Traveller, **time: float) -> int:
    """Some time passes, then the sweeper comes round."""
    clock.shift(timedelta(**time))
    return idle.sweep(datetime.now().astimezone())


def notices() -> list[str]:
    return list(Message.objects.filter(automatic="idle").order_by("seq").values_list("text", flat=True))


def state(browser: Browser) -> tuple[str, bool]:
    welcome = frames(browser.get("messages/"))[0]
    return welcome["state"], welcome["resume"]


def test_a_silent_citizen_is_asked_once_then_the_conversation_ends_for_them(
    clock: time_machine.Traveller, waiting: Interaction, giulia: Browser
) -> None:
    assert later(clock, minutes=4, seconds=59) == 0
    assert later(clock, seconds=1) == 1
    assert later(clock, minutes=9, seconds=59) == 0
    assert notices() == [
        "Sei ancora lì? Se non scrivi, la conversazione finisce qui tra 10 minuti. Potrai riprenderla più tardi."
    ]
    assert state(giulia) == ("talking", False)
    assert later(clock, seconds=1) == 1
    assert "Scrivi, e riprende." in notices()[1]
    assert state(giulia) == ("closed", True)
    assert later(clock, hours=5) == 0


def test_the_agent_keeps_it_and_sees_that_nobody_is_there(
    clock: time_machine.Traveller, waiting: Interaction, giulia: Browser
) -> None:
    later(clock, minutes=5)
    later(clock, minutes=10)
    waiting.refresh_from_db()
    assert waiting.is_open
    assert waiting.visitor_left_at is not None
    assert WorkItem.objects.get().state == "claimed"
    assert Event.objects.filter(name="visitor.idle", interaction=waiting).count() == 1
    away.here(VisitorSession.objects.get())  # the page alone is open still
    waiting.refresh_from_db()
    assert waiting.visitor_left_at is not None


def test_a_word_takes_it_up_again_with_the_same_agent(
    clock: time_machine.Traveller, waiting: Interaction, giulia: Browser
) -> None:
    later(clock, minutes=5)
    later(clock, minutes=10)
    giulia.say("Eccomi: TRI-2026-0001.", cid="c2")
    assert state(giulia) == ("talking", False)
    waiting.refresh_from_db()
    assert waiting.visitor_left_at is None
    assert Interaction.objects.count() == 1
    assert later(clock, hours=1) == 0  # now it is the agent who is waited for


def test_an_answer_or_the_beginning_of_one_starts_the_time_anew(
    clock: time_machine.Traveller, waiting: Interaction, giulia: Browser
) -> None:
    later(clock, minutes=5)
    clock.shift(timedelta(minutes=9))
    giulia.post("messages/", {"t": "typing", "on": True})
    assert later(clock, minutes=4) == 0
    assert later(clock, minutes=1) == 1
    assert len(notices()) == 2
    assert state(giulia) == ("talking", False)


def test_another_word_of_the_agent_starts_the_time_anew(
    clock: time_machine.Traveller, waiting: Interaction, anna: User, giulia: Browser
) -> None:
    later(clock, minutes=5)
    clock.shift(timedelta(minutes=9))
    say(anna, "Resto in attesa.")
    assert later(clock, minutes=4) == 0
    assert state(giulia) == ("talking", False)


def test_an_internal_note_puts_nothing_off(clock: time_machine.Traveller, waiting: Interaction, anna: User) -> None:
    clock.shift(timedelta(minutes=4))
    interactions.note(interaction=waiting, text="Controllo i pagamenti.", actor=anna)
    assert later(clock, minutes=1) == 1


@pytest.mark.parametrize("ask, end, asked, ended", [(0, 10, 0, False), (5, 0, 1, False), (1, 1, 1, True)])
def test_each_account_has_its_own_patience_and_may_have_none_to_lose(
    clock: time_machine.Traveller, waiting: Interaction, chat: ChannelAccount, giulia: Browser,
    ask: int, end: int, asked: int, ended: bool,
) -> None:  # fmt: skip
    settings = {"ask_after_minutes": ask, "end_after_minutes": end}
    accounts.change(account=chat, actor=None, settings=settings)
    assert later(clock, hours=1) == asked
    later(clock, hours=1)
    assert state(giulia) == (("closed", True) if ended else ("talking", False))


def test_where_nobody_waits_for_a_word_nobody_is_asked(
    clock: time_machine.Traveller, giulia: Browser, anna: User
) -> None:
    giulia.say("Buongiorno")
    assert later(clock, hours=2) == 0  # it waits in the queue
    item = work_items.open_item(Interaction.objects.get())
    assert item is not None
    work_items.claim(item=item, actor=anna)
    assert later(clock, hours=2) == 0  # Anna has not answered


def test_two_sweepers_ask_once(clock: time_machine.Traveller, waiting: Interaction) -> None:
    session = VisitorSession.objects.get()
    clock.shift(timedelta(minutes=5))
    idle.sweep(datetime.now().astimezone())
    assert idle._still_silent(waiting, session, asked_at=datetime.now().astimezone()) is None
    assert len(notices()) == 1


def test_the_citizen_is_asked_in_the_language_they_chose(clock: time_machine.Traveller, waiting: Interaction) -> None:
    VisitorSession.objects.update(language="uk")
    later(clock, minutes=5)
    assert notices()[0].startswith("Ви ще тут?")


def test_whoever_ended_by_themselves_may_go_on_while_the_agent_has_it(
    waiting: Interaction, giulia: Browser, anna: User
) -> None:
    giulia.post("messages/", {"t": "end"})
    assert state(giulia) == ("closed", True)
    interactions.close(interaction=Interaction.objects.get(), actor=anna)
    assert state(giulia) == ("closed", False)


@pytest.mark.django_db(transaction=True)
async def test_an_open_page_is_told_at_once_and_its_next_word_goes_on(
    clock: time_machine.Traveller, waiting: Interaction, giulia: Browser
) -> None:
    page = Page(giulia.token)
    await page.open()
    await in_database(later)(clock, minutes=5)
    while "Sei ancora lì?" not in (await page.hear("msg"))["text"]:
        continue  # what was said before
    await in_database(later)(clock, minutes=10)
    ended = await page.hear("agent")
    assert (ended["state"], ended["resume"]) == ("closed", True)
    await page.say(t="msg", cid="c2", text="Eccomi.")
    assert (await page.hear("agent"))["state"] == "talking"
    await page.leave()
