"""Stored before acknowledged; the same thing twice is once; what fails is kept and tried again."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from channels_adapters.contract import Duplicate, RawRequest, Stored
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import accept, receive, sweep
from contactcenter.intake.html import without_remote
from contactcenter.intake.models import RawDelivery
from contactcenter.outbox import tags
from contactcenter.outbox.models import EarlyUpdate
from contactcenter.queues import roster, rulebook
from contactcenter.queues.models import WorkItem
from crm import interactions
from crm.models import Attachment, AuditEntry, Citizen, ContactPoint, Event, Interaction, Message
from tests import paper
from tests.paper import GIULIA, post


@pytest.mark.django_db
def test_a_strangers_first_message_is_recorded_queued_and_told(client: Client, letters: ChannelAccount) -> None:
    answer = post(client, GIULIA)
    assert (answer.status_code, answer.content) == (200, b"Recorded")
    message = Message.objects.get(direction="in")
    assert (message.text, message.author_name, message.seq) == ("Ho pagato due volte la TARI.", "Giulia Ferri", 1)
    interaction = message.interaction
    assert (interaction.citizen.name, interaction.contact_point.status) == ("Giulia Ferri", "claimed")
    assert interaction.case.number == f"{timezone.localtime().year}-000001"
    item = WorkItem.objects.get(interaction=interaction)
    assert (item.state, item.queue.slug) == ("waiting", "accoglienza")
    assert [event.name for event in Event.objects.filter(interaction=interaction)][:3] == [
        "interaction.opened", "message.received", "interaction.queued",
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action="message.received", citizen=interaction.citizen.public_id).exists()


@pytest.mark.django_db
def test_an_unsigned_delivery_is_refused_and_nothing_is_stored(client: Client, letters: ChannelAccount) -> None:
    answer = post(client, GIULIA, ink="acqua")
    assert answer.status_code == 403
    assert RawDelivery.objects.count() == Message.objects.count() == 0


@pytest.mark.django_db
def test_an_account_without_its_secret_refuses_everybody(client: Client, letters: ChannelAccount) -> None:
    letters.secrets = ""
    letters.save()
    assert post(client, GIULIA, ink="").status_code == 403
    assert RawDelivery.objects.count() == 0


@pytest.mark.django_db
def test_an_unknown_or_disabled_account_has_no_door(client: Client, letters: ChannelAccount) -> None:
    ChannelAccount.objects.update(enabled=False)
    assert post(client, GIULIA).status_code == 404
    assert client.post("/hooks/nessuno/", "{}", content_type="application/json").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_same_delivery_twice_is_answered_alike_and_stored_once(client: Client, letters: ChannelAccount) -> None:
    assert post(client, GIULIA, delivery="d-1").status_code == 200
    again = post(client, GIULIA, delivery="d-1")
    assert (again.status_code, again.content) == (200, b"Duplicate")
    assert RawDelivery.objects.count() == Message.objects.filter(direction="in").count() == 1


@pytest.mark.django_db
def test_the_same_message_in_another_delivery_is_recorded_once(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA, delivery="d-1")
    answer = post(
        client, [GIULIA, {**GIULIA, "id": "g-2", "text": "Anzi, tre volte.", "references": ["g-1"]}], delivery="d-2"
    )
    assert answer.content == b"Duplicate,Recorded"
    assert list(Message.objects.filter(direction="in").values_list("text", flat=True)) == [
        "Ho pagato due volte la TARI.", "Anzi, tre volte.",
    ]  # fmt: skip
    assert WorkItem.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_duplicates_give_one_row_and_fifty_good_answers(letters: ChannelAccount) -> None:
    def send(_number: int) -> int:
        try:
            return int(post(Client(), GIULIA, delivery="d-1").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, range(50)))
    assert statuses == [200] * 50
    assert (
        RawDelivery.objects.count()
        == Message.objects.filter(direction="in").count()
        == Interaction.objects.count()
        == 1
    )


@pytest.mark.django_db(transaction=True)
def test_ten_first_messages_at_once_make_one_citizen(letters: ChannelAccount) -> None:
    def send(number: int) -> int:
        try:
            return int(post(Client(), {**GIULIA, "id": f"g-{number}", "thread": "t-1"}).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(10))) == [200] * 10
    sweep.sweep()
    assert Citizen.objects.count() == ContactPoint.objects.count() == Interaction.objects.count() == 1
    assert sorted(Message.objects.filter(direction="in").values_list("external_id", flat=True)) == sorted(
        f"g-{n}" for n in range(10)
    )


@pytest.mark.django_db
def test_what_can_not_be_read_is_kept_and_shown_as_undeliverable(client: Client, letters: ChannelAccount) -> None:
    answer = post(client, "{ this is no sheet")
    assert (answer.status_code, answer.content) == (200, b"Undeliverable")
    delivery = RawDelivery.objects.get()
    assert (delivery.state, delivery.error) == ("undeliverable", "The sheet can't be read.")
    assert bytes(delivery.body) == b"{ this is no sheet"


@pytest.mark.django_db(transaction=True)
def test_a_translator_that_trips_loses_nothing_and_is_tried_again(
    client: Client, letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(receive, "receive", lambda **_facts: 1 / 0)
        assert post(client, GIULIA).content == b"Stored"
    delivery = RawDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("failed", 1)
    assert sweep.sweep() == 0  # not due yet
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1), tick=False):
        assert sweep.sweep() == 1
    delivery.refresh_from_db()
    assert (delivery.state, Message.objects.filter(direction="in").count()) == ("processed", 1)


@pytest.mark.django_db
def test_after_the_last_attempt_an_administrator_sees_it_and_replays_it(
    letters: ChannelAccount, client: Client
) -> None:
    post(client, {"explode": True})
    delivery = RawDelivery.objects.get()
    for minutes in range(60, 60 * 12, 60):
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=minutes), tick=False):
            sweep.sweep()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("undeliverable", accept.MAX_ATTEMPTS)
    delivery.body = json.dumps(GIULIA).encode()  # as if the translator had been mended
    delivery.save()
    accept.replay(delivery)
    delivery.refresh_from_db()
    assert delivery.state == "processed"
    accept.replay(delivery)
    assert Message.objects.filter(direction="in").count() == 1


@pytest.mark.django_db
def test_a_replay_that_dies_half_way_is_taken_up_by_the_sweeper(
    letters: ChannelAccount, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, "no sheet at all")
    RawDelivery.objects.update(body=json.dumps(GIULIA).encode())  # as if the translator had been mended

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    delivery = RawDelivery.objects.get()
    with monkeypatch.context() as patched:
        patched.setattr(accept, "process", die)
        with pytest.raises(KeyboardInterrupt):
            accept.replay(delivery)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1), tick=False):
        sweep.sweep()
    assert (RawDelivery.objects.get().state, Message.objects.filter(direction="in").count()) == ("processed", 1)


@pytest.mark.django_db
def test_what_kills_the_process_each_time_comes_to_an_end(
    letters: ChannelAccount, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, {"explode": True})
    attempts: list[int] = []

    def die(delivery: RawDelivery, *_args: object) -> None:
        attempts.append(delivery.attempts)
        raise KeyboardInterrupt

    monkeypatch.setattr(accept, "process", die)
    for hours in range(1, 20):
        with time_machine.travel(timezone.now() + dt.timedelta(hours=hours), tick=False), suppress(KeyboardInterrupt):
            sweep.sweep()
    delivery = RawDelivery.objects.get()
    assert (delivery.state, attempts) == ("undeliverable", list(range(2, accept.MAX_ATTEMPTS + 1)))
    assert delivery.error.endswith(".")


@pytest.mark.django_db
def test_an_account_that_can_not_be_used_leaves_its_items_and_lets_the_others_be_replayed(
    letters: ChannelAccount, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    post(client, "no sheet at all")
    RawDelivery.objects.update(body=json.dumps(GIULIA).encode())
    gone = ChannelAccount.objects.create(
        slug="fax", kind="fax", name="Fax", office=letters.office, queue=letters.queue
    )  # a channel that was removed; its item is older
    RawDelivery.objects.create(
        id=0, account=gone, key="k", door="hand", method="POST", state="undeliverable", received_at=timezone.now()
    )
    call_command("replay_deliveries")
    assert "1 understood now" in capsys.readouterr().out
    assert RawDelivery.objects.get(account=gone).state == "undeliverable"


@pytest.mark.django_db
def test_a_stranger_with_an_old_tag_does_not_come_into_the_citizens_case(
    client: Client, letters: ChannelAccount
) -> None:
    post(client, GIULIA)
    first = Interaction.objects.get()
    interactions.close(interaction=first, actor=None)
    Interaction.objects.update(closed_at=timezone.now() - dt.timedelta(days=90))
    post(client, {"id": "m-1", "from": "mallory", "text": "Novità?", "tags": [tags.sign(first.pk)]})
    assert Message.objects.get(external_id="m-1").interaction.case != first.case


@pytest.mark.django_db
def test_files_are_kept_under_generated_names_with_their_true_type(client: Client, letters: ChannelAccount) -> None:
    post(client, {**GIULIA, "files": {"../../etc/passwd": "root:x", "pagina.html": "<html><script>alert(1)</script>"}})
    kept = {row.name: row for row in Attachment.objects.all()}
    assert set(kept) == {"passwd", "pagina.html"}
    assert kept["pagina.html"].content_type == "application/octet-stream"
    assert all("passwd" not in row.stored_as and row.message is not None for row in kept.values())


def files_on_disk() -> int:
    return sum(path.is_file() for path in Path(settings.ATTACHMENTS_DIR).rglob("*"))


@pytest.mark.django_db
def test_a_message_that_was_here_before_leaves_no_second_copy_of_its_files(
    client: Client, letters: ChannelAccount
) -> None:
    sheet = {**GIULIA, "files": {"ricevuta.txt": "Pagato."}}
    post(client, sheet, delivery="d-1")
    before = files_on_disk()
    assert post(client, sheet, delivery="d-2").content == b"Duplicate"
    assert files_on_disk() == before


@pytest.mark.django_db
def test_one_mail_to_two_of_our_addresses_is_a_duplicate_where_its_tag_leads(
    client: Client, letters: ChannelAccount
) -> None:
    post(client, GIULIA)
    interaction = Interaction.objects.get()
    Interaction.objects.update(account="anagrafe")  # its conversation is another account's
    Message.objects.update(account="anagrafe")
    assert post(client, {**GIULIA, "tags": [tags.sign(interaction.pk)]}, delivery="d-2").content == b"Duplicate"
    assert RawDelivery.objects.filter(state="failed").count() == 0


@pytest.mark.django_db
def test_a_machine_that_always_gives_the_same_id_loses_nothing(mail_account: ChannelAccount) -> None:
    scan = (
        "From: scanner@example.org\nTo: urp@roccaverde.example\nMessage-ID: <scan@example.org>\nDate: {}\n\nPagina.\n"
    )
    for day in ("Mon, 23 Nov 2026 09:00:00 +0100", "Tue, 24 Nov 2026 09:00:00 +0100"):
        accept.accept(mail_account, RawRequest(door="hand", body=scan.format(day).encode()))
    assert Message.objects.filter(direction="in").count() == 2


@pytest.mark.django_db
def test_after_a_month_nothing_of_a_sender_is_left_in_the_raw_item(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA)
    RawDelivery.objects.update(sender=["paper", "giulia", "Giulia Ferri"], url="https://office.example/?from=giulia")
    with time_machine.travel(timezone.now() + dt.timedelta(days=31), tick=False):
        sweep.forget_bodies()
    delivery = RawDelivery.objects.get()
    assert (bytes(delivery.body), delivery.sender, delivery.url, delivery.headers) == (b"", [], "", {})


@pytest.mark.django_db
def test_html_loses_what_could_act_and_what_would_load(client: Client, letters: ChannelAccount) -> None:
    post(
        client,
        {
            **GIULIA,
            "html": '<p onclick="x()">Buongiorno<script>x()</script>'
            '<img src="https://spia.example/x.gif"><img src="cid:foto"></p>',
        },
    )
    html = Message.objects.get(direction="in").html
    assert "Buongiorno" in html
    assert "cid:foto" in html
    assert not any(bad in html for bad in ("script", "onclick"))
    assert "spia.example" not in without_remote(html)


@pytest.mark.django_db
def test_nul_and_lone_surrogates_do_not_stop_a_message(client: Client, letters: ChannelAccount) -> None:
    assert post(client, {**GIULIA, "text": "a\x00b\ud800c", "name": "G\x00iulia"}).content == b"Recorded"
    assert Message.objects.get(direction="in").text == "abc"


@pytest.mark.django_db
def test_news_of_a_message_we_do_not_know_yet_is_parked(client: Client, letters: ChannelAccount) -> None:
    post(client, {"state": "delivered", "id": "sheet-soon"})
    assert EarlyUpdate.objects.get().external_id == "sheet-soon"


def statements(client: Client, sheet: dict[str, Any]) -> list[str]:
    run: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        run.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        assert post(client, sheet).content == b"Recorded"
    return run


@pytest.mark.django_db(transaction=True)
def test_a_message_costs_few_statements(client: Client, letters: ChannelAccount) -> None:
    ChannelAccount.objects.update(opens_case=False)
    rulebook.known(), roster.known()  # read every two seconds, not for every message
    first = statements(client, {**GIULIA, "thread": "t-1"})
    second = statements(client, {**GIULIA, "id": "g-2", "thread": "t-1"})
    assert len(first) <= 17, "\n".join(first)
    assert len(second) <= 12, "\n".join(second)


@pytest.mark.django_db
def test_paper_was_never_asked_to_send_inside_a_transaction(client: Client, letters: ChannelAccount) -> None:
    post(client, GIULIA)
    assert paper.posted == []  # only a worker sends


@pytest.mark.django_db(transaction=True)
def test_words_and_the_mark_that_they_are_understood_come_together(
    letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_off(*_given: Any, **_fields: Any) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(accept, "_processed", breaks_off)
        raw = RawRequest(door="webhook", body=json.dumps(GIULIA).encode(), headers={"x-ink": "inchiostro"})
        assert accept.accept(letters, raw).outcomes == [Stored()]
    assert (RawDelivery.objects.get().state, Message.objects.count()) == ("failed", 0)
    RawDelivery.objects.update(next_attempt_at=timezone.now())
    sweep.sweep()
    assert (RawDelivery.objects.get().state, Message.objects.filter(direction="in").count()) == ("processed", 1)


@pytest.mark.django_db(transaction=True)
def test_what_an_open_page_says_is_stored_even_when_it_is_not_understood(
    letters: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, words and meaning are stored in one; where the meaning fails, the words are stored alone."""
    with monkeypatch.context() as patched:
        patched.setattr(receive.audit, "record", lambda *_given, **_facts: 1 / 0)
        raw = RawRequest(door="socket", body=json.dumps(GIULIA).encode())
        assert accept.accept(letters, raw).outcomes == [Stored()]
    assert (RawDelivery.objects.get().state, Message.objects.count()) == ("failed", 0)
    RawDelivery.objects.update(next_attempt_at=timezone.now())
    sweep.sweep()
    assert (RawDelivery.objects.get().state, Message.objects.filter(direction="in").count()) == ("processed", 1)


@pytest.mark.django_db(transaction=True)
def test_an_open_page_that_repeats_itself_is_answered_alike_and_stored_once(letters: ChannelAccount) -> None:
    raw = RawRequest(door="socket", body=json.dumps(GIULIA).encode())
    first, again = accept.accept(letters, raw), accept.accept(letters, raw)
    assert (first.fresh, again.fresh, again.at) == (True, False, first.at)
    assert again.outcomes == [Duplicate(first.outcomes[0].interaction, 1)]
    assert RawDelivery.objects.count() == Message.objects.filter(direction="in").count() == 1
