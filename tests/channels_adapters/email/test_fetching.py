"""Fetching from a real mailbox: everything once, in order, unchanged, and the mailbox left as it was."""

import imaplib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from channels_adapters.contract import InboundMessage, SendError
from channels_adapters.email import mailbox
from channels_adapters.email.adapter import Adapter
from tests.channels_adapters.email.imap_servers import Server

Office = Callable[..., Adapter]


def mail(number: int, *, padding: int = 0) -> bytes:
    head = (
        f"From: Giulia Ferri <giulia.ferri@example.org>\r\nTo: urp@comune.example\r\nSubject: Domanda {number}\r\n"
        f"Message-ID: <domanda.{number}@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    return f"{head}Buongiorno, questa è la domanda {number}.\r\n".encode() + b"x" * padding


def fetch_all(adapter: Adapter, cursor: str = "") -> tuple[list[bytes], str]:
    """Poll until nothing is left, as the contact centre does."""
    bodies: list[bytes] = []
    for _round in range(100):
        found, cursor = adapter.poll(cursor)
        if not found:
            return bodies, cursor
        bodies += [raw.body for raw in found]
    raise AssertionError("polling never ended")


def test_new_mail_arrives_byte_for_byte(office: Office, imap: Server, folder: str) -> None:
    strange = mail(1) + b"\x00\xff\xfe 8 bit \xe0\r\n.\r\n"
    imap.put(folder, mail(2), mail(3) + b"righe\r\n\r\n")
    bodies, _cursor = fetch_all(office())
    assert bodies == [mail(2), mail(3) + b"righe\r\n\r\n"]
    if imap.name == "pymap":  # Dovecot takes no NUL in an APPEND
        imap.put(folder, strange)
        assert fetch_all(office())[0][-1] == strange


def test_what_was_fetched_is_not_fetched_again(office: Office, imap: Server, folder: str) -> None:
    imap.put(folder, mail(1), mail(2))
    _bodies, cursor = fetch_all(office())
    assert office().poll(cursor) == ([], cursor)
    imap.put(folder, mail(3))
    assert fetch_all(office(), cursor)[0] == [mail(3)]


def test_an_empty_folder_gives_nothing_and_a_cursor_that_keeps(office: Office, imap: Server, folder: str) -> None:
    found, cursor = office().poll("")
    assert found == []
    imap.put(folder, mail(1))
    assert fetch_all(office(), cursor)[0] == [mail(1)]


def test_the_newest_mail_is_not_taken_for_a_new_one(office: Office, imap: Server, folder: str) -> None:
    """“n:*” names the newest mail even where its number is below n."""
    imap.put(folder, mail(1))
    _found, cursor = office().poll("")
    validity, _, last = cursor.partition(":")
    far = f"{validity}:{int(last) + 500}"
    assert office().poll(far) == ([], far)


def test_a_long_backlog_comes_in_batches_and_in_order(office: Office, imap: Server, folder: str) -> None:
    mails = [mail(number) for number in range(120)]
    imap.put(folder, *mails)
    first, cursor = office().poll("")
    assert len(first) == mailbox.BATCH
    assert [raw.body for raw in first] + fetch_all(office(), cursor)[0] == mails


def test_fetching_marks_nothing_as_read(office: Office, imap: Server, folder: str) -> None:
    imap.put(folder, mail(1), mail(2))
    fetch_all(office())
    assert imap.seen(folder) == 0


def test_mail_that_a_person_read_already_is_fetched_all_the_same(office: Office, imap: Server, folder: str) -> None:
    imap.put(folder, mail(1))
    with imap.hand(folder) as box:
        box.flag(box.uids(), "\\Seen", True)
    assert fetch_all(office())[0] == [mail(1)]


def test_after_a_renumbering_everything_comes_again_under_the_same_key(
    office: Office, imap: Server, folder: str
) -> None:
    imap.put(folder, mail(1), mail(2))
    adapter = office()
    found, cursor = adapter.poll("")
    imap.renumber(folder)
    imap.put(folder, mail(1), mail(2), mail(3))
    again, later = adapter.poll(cursor)
    assert later.partition(":")[0] != cursor.partition(":")[0]
    assert [adapter.delivery_key(raw) for raw in again][:2] == [adapter.delivery_key(raw) for raw in found]
    assert len({adapter.delivery_key(raw) for raw in again}) == 3


def test_the_same_mail_from_two_mailboxes_has_one_key(office: Office, imap: Server, folder: str) -> None:
    imap.put(folder, mail(1), mail(1))
    found, _cursor = office().poll("")
    assert len({office().delivery_key(raw) for raw in found}) == 1


def test_a_damaged_cursor_means_from_the_beginning(office: Office, imap: Server, folder: str) -> None:
    imap.put(folder, mail(1))
    for cursor in ("", ":", "garbage", "7:x", "7:-1"):
        assert [raw.body for raw in office().poll(cursor)[0]] == [mail(1)]


def test_of_a_mail_that_is_too_large_only_the_header_comes(office: Office, imap: Server, folder: str) -> None:
    imap.put(folder, mail(1), mail(2, padding=1_200_000), mail(3))
    adapter = office(max_size=1)
    found, cursor = adapter.poll("")
    assert [raw.headers.get("x-oversize", "") != "" for raw in found] == [False, True, False]
    assert len(found[1].body) < 1000
    (message,) = adapter.parse(found[1])
    assert isinstance(message, InboundMessage)
    assert message.subject == "Domanda 2"
    assert "2 MB" in message.text
    assert "1 MB" in message.text
    assert message.remarks == ("oversize",)
    assert adapter.poll(cursor)[0] == []


def test_a_batch_holds_no_more_than_memory_allows(
    office: Office, imap: Server, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "BATCH_BYTES", 2500)
    imap.put(folder, *[mail(number, padding=1000) for number in range(3)])
    first, cursor = office().poll("")
    assert len(first) == 2
    assert len(office().poll(cursor)[0]) == 1


def test_stored_mail_is_moved_at_the_next_look_and_not_before(office: Office, imap: Server, folder: str) -> None:
    imap.put(folder, mail(1), mail(2))
    adapter = office(after_fetch="move", move_to=f"{folder}Fatto")
    _found, cursor = adapter.poll("")
    assert imap.subjects(folder) == ["Domanda 1", "Domanda 2"]
    imap.put(folder, mail(3))
    found, cursor = adapter.poll(cursor)
    assert [raw.body for raw in found] == [mail(3)]
    assert imap.subjects(folder) == ["Domanda 3"]
    assert imap.subjects(f"{folder}Fatto") == ["Domanda 1", "Domanda 2"]
    adapter.poll(cursor)
    assert imap.subjects(f"{folder}Fatto") == ["Domanda 1", "Domanda 2", "Domanda 3"]


def test_what_a_crash_kept_from_being_stored_is_fetched_again(office: Office, imap: Server, folder: str) -> None:
    """The cursor was not saved, so nothing was moved and the same mail comes again."""
    imap.put(folder, mail(1))
    adapter = office(after_fetch="move", move_to=f"{folder}Fatto")
    assert adapter.poll("")[0] == adapter.poll("")[0] != []


def test_a_mail_deleted_while_we_fetch_is_passed_over(
    office: Office, imap: Server, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap.put(folder, mail(1), mail(2))
    measured = mailbox._sizes

    def and_somebody_deletes(box: mailbox.BaseMailBox, uids: list[int]) -> dict[int, int]:
        sizes = measured(box, uids)
        with imap.hand(folder) as other:
            other.delete(str(uids[0]))
        return sizes

    monkeypatch.setattr(mailbox, "_sizes", and_somebody_deletes)
    found, _cursor = office().poll("")
    assert [raw.body for raw in found][-1] == mail(2)


# --- waiting for news ---


def test_idle_wakes_when_a_mail_comes(office: Office, imap: Server, folder: str) -> None:
    adapter = office()
    assert adapter.listen(0.1) is False
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(adapter.listen, 20)
        imap.put(folder, mail(1))
        assert waiting.result(timeout=25) is True


def test_a_mail_between_two_waits_is_not_missed(office: Office, imap: Server, folder: str) -> None:
    adapter = office()
    assert adapter.listen(0.1) is False
    imap.put(folder, mail(1))
    assert adapter.listen(20) is True


def test_a_server_without_idle_is_asked_again_after_the_wait(
    office: Office, imap: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = mailbox._learn_abilities

    def without_idle(box: mailbox.BaseMailBox) -> None:
        learn(box)
        box.client.capabilities = tuple(word for word in box.client.capabilities if word != "IDLE")

    waits: list[float] = []
    monkeypatch.setattr(mailbox, "_learn_abilities", without_idle)
    monkeypatch.setattr(threading.Event, "wait", lambda _self, timeout=None: waits.append(timeout) or True)
    assert office().listen(7) is True
    assert waits == [7]


def test_without_a_mailbox_there_is_nothing_to_fetch(build: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(threading.Event, "wait", lambda _self, timeout=None: waits.append(timeout) or True)
    assert build().poll("5:7") == ([], "5:7")
    assert build().listen(9) is False
    assert waits == [9]


# --- trouble ---


def test_a_wrong_password_is_said_in_words(office: Office) -> None:
    with pytest.raises(SendError, match="refused the user or the password") as caught:
        office(imap_password="falsa").poll("")
    assert "falsa" not in str(caught.value)
    assert not caught.value.permanent


def test_a_missing_folder_is_said_in_words(office: Office) -> None:
    with pytest.raises(SendError, match="“Nessuna” does not exist"):
        office(imap_folder="Nessuna").poll("")


def test_a_server_that_is_down_is_said_in_words(office: Office, unused_port: int) -> None:
    with pytest.raises(SendError, match="can't be reached"):
        office(imap_port=unused_port).poll("")


def test_a_server_that_is_down_is_not_knocked_at_without_pause(
    office: Office, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(threading.Event, "wait", lambda _self, timeout=None: waits.append(timeout) or True)
    with pytest.raises(SendError):
        office(imap_port=unused_port).listen(11)
    assert waits == [11]


def test_a_line_cut_in_the_middle_is_said_in_words(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: object) -> None:
        raise imaplib.IMAP4.abort("socket error: EOF")

    monkeypatch.setattr(mailbox, "_new", cut)
    with pytest.raises(SendError, match="broke off"):
        office().poll("")
