"""Two conversations of one person become one, and one becomes two: where the words are, who has the work, what follows."""

import pytest
from django.utils import timezone

from channels_adapters.contract import Address, InboundMessage, Recorded
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import joining, receive
from contactcenter.outbox import replies, tags
from contactcenter.outbox.models import OutboxItem
from contactcenter.queues import offers, presence, reopening, roster, work_items
from contactcenter.queues.models import Agent, WorkItem
from contactcenter.queues.work_items import NotYours
from crm import access, events, interactions
from crm.interactions import MergedAway, StaleView
from crm.merging import CannotMerge
from crm.models import AuditEntry, Case, Event, Interaction, Message, User
from tests.contactcenter.desk.conftest import Write, take
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def first(write: Write) -> Interaction:
    return write("Ho pagato due volte la TARI.", thread="")


@pytest.fixture
def second(write: Write, first: Interaction) -> Interaction:
    """Giulia writes again, as if nobody had her first letter."""
    return write("Avete visto la mia lettera?", thread="", client_id="due")


def words(interaction: Interaction) -> list[str]:
    rows = Message.objects.filter(interaction=interaction, direction="in").order_by("seq")
    return list(rows.values_list("text", flat=True))


def numbers(interaction: Interaction) -> list[int]:
    return list(Message.objects.filter(interaction=interaction).order_by("seq").values_list("seq", flat=True))


def merge(source: Interaction, target: Interaction, actor: User) -> None:
    joining.merge(source=source, target=target, actor=actor)


def letter(letters: ChannelAccount, external_id: str, **more: object) -> Interaction:
    given: dict[str, object] = {"text": "Ancora io", "subject": "TARI", **more}
    event = InboundMessage(
        external_id=external_id, sender=Address("paper", "giulia@example.it", "Giulia Ferri"),
        **given,  # type: ignore[arg-type]
    )  # fmt: skip
    outcome = receive.receive(account=letters, event=event, at=timezone.now())
    assert isinstance(outcome, Recorded)
    return Interaction.objects.get(public_id=outcome.interaction)


def sent(interaction: Interaction) -> None:
    Message.objects.filter(interaction=interaction, direction="out").update(state="sent")
    OutboxItem.objects.filter(message__interaction=interaction).delete()


@pytest.fixture
def both(first: Interaction, second: Interaction, anna: User) -> tuple[Interaction, Interaction]:
    """Anna has the second one; the acknowledgements have left."""
    for one in (first, second):
        sent(one)
    take(second, anna)
    return first, second


# --- merging ---


def test_the_words_stand_in_the_order_in_which_they_were_said(
    both: tuple[Interaction, Interaction], anna: User
) -> None:
    first, second = both
    merge(first, second, anna)
    assert words(second) == ["Ho pagato due volte la TARI.", "Avete visto la mia lettera?"]
    assert numbers(second) == list(range(1, second.last_seq + 1))
    assert words(first) == []
    assert (first.is_open, first.merged_into, first.last_seq) == (False, second, 0)
    moved = Message.objects.get(text="Ho pagato due volte la TARI.")
    assert (moved.origin_interaction, moved.origin_seq) == (first, 1)
    assert second.awaiting_reply_since == moved.created_at


def test_nobody_has_to_work_on_it_twice_and_it_was_not_served(
    both: tuple[Interaction, Interaction], anna: User
) -> None:
    first, second = both
    waited_since = WorkItem.objects.get(interaction=first).queued_at
    merge(first, second, anna)
    ended = WorkItem.objects.get(interaction=first)
    assert (ended.state, ended.outcome) == (WorkItem.State.DONE, "merged")
    assert not Event.objects.filter(name="item.done").exists()
    assert WorkItem.objects.get(interaction=second).queued_at > waited_since  # Anna has it: it waits no more


def test_what_still_waits_waits_since_the_first_of_the_two(first: Interaction, second: Interaction, anna: User) -> None:
    for one in (first, second):
        sent(one)
    longest = WorkItem.objects.get(interaction=first).queued_at
    merge(first, second, anna)
    assert WorkItem.objects.get(interaction=second).queued_at == longest


def test_whoever_was_being_asked_is_asked_no_more(
    first: Interaction, second: Interaction, anna: User, bruno: User
) -> None:
    for one in (first, second):
        sent(one)
    Agent.objects.create(user=bruno, written_slots=3)
    roster.forget()
    presence.change(user=bruno, status="available")
    item = WorkItem.objects.get(interaction=first)
    assert offers.make(item_id=item.pk, user_id=bruno.pk, at=timezone.now(), why="free") is not None
    merge(first, second, anna)
    assert offers.pending_of(bruno) == []


def test_facts_and_audit_stand_in_both(both: tuple[Interaction, Interaction], anna: User) -> None:
    first, second = both
    merge(first, second, anna)
    told = Event.objects.filter(name="interaction.merged").order_by("id").values_list("interaction", "data")
    assert list(told) == [
        (first.pk, {"into": str(second.public_id)}), (second.pk, {"from": str(first.public_id), "messages": 2}),
    ]  # fmt: skip
    assert Event.objects.get(name="interaction.closed").interaction == first
    assert AuditEntry.objects.filter(action="interaction.merged", actor=anna).count() == 2


def test_both_screens_look_again(both: tuple[Interaction, Interaction], anna: User) -> None:
    first, second = both
    before = first.version, second.version
    merge(first, second, anna)
    assert first.version > before[0]
    assert second.version > before[1]
    assert {topic for event in Event.objects.filter(name="interaction.merged") for topic, _n in events._topics(event)} >= {
        first.topic_group, second.topic_group,
    }  # fmt: skip


def test_the_same_client_id_on_both_sides_is_no_obstacle(both: tuple[Interaction, Interaction], anna: User) -> None:
    first, second = both
    Message.objects.filter(interaction=first, direction="in").update(client_id="due")
    merge(first, second, anna)
    assert Message.objects.get(interaction=second, client_id="due").text == "Avete visto la mia lettera?"


def test_a_stale_screen_merges_nothing(both: tuple[Interaction, Interaction], anna: User) -> None:
    first, second = both
    for versions in ({"based_on": second.version - 1}, {"of_source": first.version - 1}):
        with pytest.raises(StaleView):
            joining.merge(source=first, target=second, actor=anna, **versions)
    assert words(first) != []


def test_what_a_colleague_has_stays_theirs(both: tuple[Interaction, Interaction], anna: User, bruno: User) -> None:
    first, second = both
    take(first, bruno)
    with pytest.raises(NotYours):
        merge(first, second, anna)
    with pytest.raises(NotYours):
        merge(second, first, anna)


def test_who_may_not_see_one_of_them_finds_nothing(
    both: tuple[Interaction, Interaction], town: Town, anna: User
) -> None:
    first, second = both
    Interaction.objects.filter(pk=first.pk).update(office=town.taxes, queue=town.taxes_queue.slug)
    with pytest.raises(access.NotVisible):
        merge(first, second, anna)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"account": "altrove"}, "Link both to one case instead"),
        ({"citizen": None}, "another person"),
        ({"spam": True}, "marked as spam"),
    ],
)
def test_what_does_not_belong_together_is_refused_with_another_way(
    both: tuple[Interaction, Interaction], anna: User, change: dict[str, object], sentence: str
) -> None:
    first, second = both
    Interaction.objects.filter(pk=first.pk).update(**change)
    first.refresh_from_db()
    own = ChannelAccount.objects.get()
    ChannelAccount.objects.create(slug="altrove", kind="paper", name="Altrove", queue=own.queue, office=own.office)
    with pytest.raises(CannotMerge, match=sentence):
        merge(first, second, anna)


def test_a_confidential_case_is_not_opened_to_others_by_a_merge(
    both: tuple[Interaction, Interaction], anna: User
) -> None:
    first, second = both
    Case.objects.filter(interactions=first).update(confidentiality="confidential", owner=anna)
    with pytest.raises(CannotMerge, match="confidential case"):
        merge(first, second, anna)


def test_a_case_goes_along_where_the_other_one_has_none(both: tuple[Interaction, Interaction], anna: User) -> None:
    first, second = both
    Interaction.objects.filter(pk=second.pk).update(case=None)
    merge(first, second, anna)
    assert second.case == first.case is not None


def test_an_answer_that_is_leaving_leaves_first(first: Interaction, second: Interaction, anna: User) -> None:
    take(first, anna)
    take(second, anna)
    sent(second)
    replies.reply(interaction=first, text="Un momento", actor=anna)
    with pytest.raises(CannotMerge, match="still leaving"):
        merge(first, second, anna)


def test_where_the_citizen_looks_on_nothing_is_moved(
    both: tuple[Interaction, Interaction], anna: User, chat_account: ChannelAccount
) -> None:
    first, second = both
    Interaction.objects.update(account=chat_account.slug)
    first.refresh_from_db()
    second.refresh_from_db()
    with pytest.raises(CannotMerge, match="open before them"):
        merge(first, second, anna)
    with pytest.raises(CannotMerge, match="open before them"):
        joining.split(interaction=second, from_seq=2, queue=chat_account.queue, actor=anna)


# --- what comes in afterwards ---


def test_an_answer_by_the_old_tag_arrives_in_the_one_that_goes_on(
    both: tuple[Interaction, Interaction], anna: User, letters: ChannelAccount
) -> None:
    first, second = both
    tag = tags.sign(first.pk)
    merge(first, second, anna)
    assert letter(letters, "sheet-tag", tags=(tag,)) == second
    first.refresh_from_db()
    assert not first.is_open


def test_an_answer_to_an_old_message_arrives_there_too(
    both: tuple[Interaction, Interaction], anna: User, letters: ChannelAccount
) -> None:
    first, second = both
    old = Message.objects.get(interaction=first, direction="in").external_id
    merge(first, second, anna)
    assert letter(letters, "sheet-ref", references=(old,)) == second


def test_the_old_thread_leads_there_while_it_is_open_and_to_a_new_one_afterwards(
    write: Write,
    anna: User,
    letters: ChannelAccount,
) -> None:
    first, second = write("Uno", thread="uno"), write("Due", thread="due")
    for one in (first, second):
        sent(one)
    merge(first, second, anna)
    assert letter(letters, "sheet-thread", thread="uno") == second
    interactions.close(interaction=second, actor=None)
    assert letter(letters, "sheet-later", thread="uno").pk not in {first.pk, second.pk}


def test_a_chain_of_merges_leads_to_its_end(
    both: tuple[Interaction, Interaction],
    anna: User,
    write: Write,
    letters: ChannelAccount,
) -> None:
    first, second = both
    third = write("E la terza", thread="")
    sent(third)
    merge(first, second, anna)
    merge(second, third, anna)
    first.refresh_from_db()
    assert first.merged_into == third
    assert letter(letters, "sheet-chain", tags=(tags.sign(first.pk),)) == third


def test_what_was_merged_away_is_not_reopened(both: tuple[Interaction, Interaction], anna: User) -> None:
    first, second = both
    merge(first, second, anna)
    with pytest.raises(MergedAway):
        reopening.reopen(interaction=first, actor=anna)


# --- splitting ---


@pytest.fixture
def long(both: tuple[Interaction, Interaction], anna: User) -> Interaction:
    """Anna's conversation with two matters in it."""
    first, second = both
    merge(first, second, anna)
    return second


def test_from_a_message_on_it_is_another_conversation_with_its_own_work(
    long: Interaction, anna: User, town: Town
) -> None:
    second = Message.objects.get(interaction=long, text="Avete visto la mia lettera?")
    apart = joining.split(interaction=long, from_seq=second.seq, queue=town.taxes_queue, actor=anna)
    assert words(long) == ["Ho pagato due volte la TARI."]
    assert words(apart) == ["Avete visto la mia lettera?"]
    assert numbers(apart)[0] == 1
    assert (apart.office, apart.queue, apart.case) == (town.taxes, "tributi", long.case)
    item = WorkItem.objects.get(interaction=apart)
    assert (item.state, item.why) == (WorkItem.State.WAITING, "split off by Anna Bianchi")
    told = Event.objects.filter(name="interaction.split").order_by("id").values_list("interaction", flat=True)
    assert list(told) == [long.pk, apart.pk]


def test_an_answer_to_what_was_split_off_finds_it_past_the_old_tag(
    long: Interaction, anna: User, town: Town, letters: ChannelAccount
) -> None:
    moved = Message.objects.get(interaction=long, text="Avete visto la mia lettera?")
    tag = tags.sign(long.pk)
    apart = joining.split(interaction=long, from_seq=moved.seq, queue=town.front_queue, actor=anna)
    assert letter(letters, "sheet-a", tags=(tag,), references=(moved.external_id,)) == apart
    assert letter(letters, "sheet-b", tags=(tag,)) == long


def test_one_thread_is_never_open_twice(write: Write, anna: User, town: Town, letters: ChannelAccount) -> None:
    whole = write("La TARI", thread="filo")
    write("E poi la mensa", thread="filo")
    sent(whole)
    seq = Message.objects.get(text="E poi la mensa").seq
    apart = joining.split(interaction=whole, from_seq=seq, queue=town.front_queue, actor=anna)
    assert apart.thread not in {"", "filo"}
    assert letter(letters, "sheet-filo", thread="filo") == whole


def test_something_stays_and_something_goes(long: Interaction, anna: User, town: Town) -> None:
    for seq in (0, 1, long.last_seq + 1):
        with pytest.raises(CannotMerge, match="something has to stay"):
            joining.split(interaction=long, from_seq=seq, queue=town.front_queue, actor=anna)


def test_a_merge_is_undone_and_the_old_conversation_is_itself_again(
    long: Interaction, first: Interaction, anna: User, town: Town, letters: ChannelAccount
) -> None:
    first.refresh_from_db()
    joining.undo(interaction=long, merged=first, queue=town.front_queue, actor=anna)
    assert (first.is_open, first.merged_into, words(first)) == (True, None, ["Ho pagato due volte la TARI."])
    assert words(long) == ["Avete visto la mia lettera?"]
    assert letter(letters, "sheet-again", tags=(tags.sign(first.pk),)) == first
    assert WorkItem.objects.filter(interaction=first, state=WorkItem.State.WAITING).exists()


def test_what_is_not_merged_here_is_not_taken_out(long: Interaction, anna: User, town: Town, write: Write) -> None:
    other = write("Altro", who="marco", thread="")
    with pytest.raises(CannotMerge):
        joining.undo(interaction=long, merged=other, queue=town.front_queue, actor=anna)


def test_how_far_somebody_read_goes_with_the_words(both: tuple[Interaction, Interaction], anna: User) -> None:
    first, second = both
    read = Message.objects.get(interaction=second, direction="in")
    interactions.mark_read_by_agent(interaction=second, seq=read.seq, actor=anna)
    second.refresh_from_db()
    merge(first, second, anna)
    read.refresh_from_db()
    assert second.agent_read_seq == read.seq
    assert work_items.open_item(second) is not None
