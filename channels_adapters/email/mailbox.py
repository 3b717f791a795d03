"""Fetching over IMAP: what is new, unchanged, at most a batch at a time.

The cursor is "uidvalidity:last uid". Nothing in the mailbox says what was fetched (\\Seen belongs to people); the same
mail seen twice, also after the server renumbered everything, is stopped by its delivery key.
"""

from __future__ import annotations

import imaplib
import re
import select
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from channels_adapters.contract import RawRequest, SendError
from channels_adapters.email.parsing import OVERSIZE
from channels_adapters.email.settings import Settings

BATCH = 50
BATCH_BYTES = 40 * 1024 * 1024
TIMEOUT = 30  # seconds
MOVED_AT_ONCE = 200
LONGEST_IDLE = 9 * 60  # seconds: servers and firewalls drop quiet connections after ten
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_TROUBLE = (OSError, imaplib.IMAP4.error, ImapToolsError, ssl.SSLError)


@dataclass(frozen=True)
class Cursor:
    """How far a folder was fetched. Numbers of another UIDVALIDITY mean nothing."""

    validity: str = ""
    last: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor:
        validity, _colon, last = text.partition(":")
        return cls(validity, int(last)) if last.isdecimal() else cls()

    def __str__(self) -> str:
        return f"{self.validity}:{self.last}"


# --- the connection ---


@contextmanager
def opened(settings: Settings, *, readonly: bool = True) -> Iterator[BaseMailBox]:
    """The folder, selected. Raises `SendError` with a sentence when it can't be reached or anything breaks."""
    try:
        mailbox = _connected(settings)
        try:
            _log_in(mailbox, settings.imap_user, settings.imap_password)
            _learn_abilities(mailbox)
            mailbox.folder.set(settings.imap_folder, readonly=readonly)
            yield mailbox
        finally:
            with suppress(*_TROUBLE):
                mailbox.logout()
    except _TROUBLE as error:
        raise SendError(_sentence(error, settings)) from error


def _connected(settings: Settings) -> BaseMailBox:
    host, port = settings.imap_host, settings.imap_port
    if settings.imap_security == "none":
        return MailBoxUnencrypted(host, port, timeout=TIMEOUT)
    # Without a context of our own the library would accept any certificate.
    context = ssl.create_default_context()
    if settings.imap_security == "starttls":
        return MailBoxStartTls(host, port, timeout=TIMEOUT, ssl_context=context)
    return MailBox(host, port, timeout=TIMEOUT, ssl_context=context)


def _log_in(mailbox: BaseMailBox, user: str, password: str) -> None:
    """LOGIN carries ASCII only; with other letters the PLAIN mechanism serves (imap_tools chooses neither by itself)."""
    plain = user.isascii() and password.isascii()
    (mailbox.login if plain else mailbox.login_utf8)(user, password, initial_folder=None)


def _learn_abilities(mailbox: BaseMailBox) -> None:
    """Servers tell more after login, and the standard library asked before."""
    _status, answer = mailbox.client.capability()
    mailbox.client.capabilities = tuple(answer[-1].decode("ascii", "replace").upper().split())


def _sentence(error: Exception, settings: Settings) -> str:
    values = {"host": settings.imap_host, "folder": settings.imap_folder}
    if isinstance(error, ssl.SSLError):
        return (
            _("The certificate of the IMAP server %(host)s is not valid. Check its name and the encryption.") % values
        )
    if "Login" in type(error).__name__ or "AUTHENTICATIONFAILED" in str(error).upper():
        return _("The IMAP server %(host)s refused the user or the password. Correct them.") % values
    if "Folder" in type(error).__name__:
        return _("The folder “%(folder)s” does not exist on the IMAP server %(host)s. Correct its name.") % values
    if isinstance(error, OSError):
        return _("The IMAP server %(host)s can't be reached. Check its name, port and encryption.") % values
    return _("The IMAP server %(host)s broke off. It will be tried again.") % values


# --- fetching ---


def poll(settings: Settings, cursor_text: str) -> tuple[list[RawRequest], str]:
    """The next mails after the cursor, and the new cursor. Mails before the cursor are stored, so they may be moved."""
    moves = settings.after_fetch == "move"
    with opened(settings, readonly=not moves) as mailbox:
        cursor = _valid_cursor(mailbox, cursor_text)
        if moves and cursor.last:
            _move_stored(mailbox, cursor, settings.move_to)
        sizes = _batch(_sizes(mailbox, _new(mailbox, cursor)), settings.max_bytes)
        return _fetched(mailbox, sizes, settings.max_bytes), str(_advanced(cursor, sizes))


def _valid_cursor(mailbox: BaseMailBox, text: str) -> Cursor:
    cursor, validity = Cursor.read(text), selected(mailbox, "UIDVALIDITY")
    return cursor if cursor.validity == validity else Cursor(validity)


def selected(mailbox: BaseMailBox, name: str) -> str:
    """What the server said of the folder when it was selected: UIDVALIDITY, UIDNEXT."""
    _name, values = mailbox.client.response(name)
    return values[-1].decode("ascii", "replace") if values and values[-1] else ""


def _new(mailbox: BaseMailBox, cursor: Cursor) -> list[int]:
    """Unseen numbers, oldest first. “n:*” always names the newest mail, also when it is older than n."""
    return sorted(uid for uid in map(int, mailbox.uids(f"UID {cursor.last + 1}:*", None)) if uid > cursor.last)[:BATCH]


def _sizes(mailbox: BaseMailBox, uids: list[int]) -> dict[int, int]:
    sizes = {}
    for line, _nothing in _items(mailbox, uids, "(UID RFC822.SIZE)"):
        uid, size = _UID.search(line), _SIZE.search(line)
        if uid and size:
            sizes[int(uid[1])] = int(size[1])
    return dict(sorted(sizes.items()))


def _batch(sizes: dict[int, int], largest: int) -> dict[int, int]:
    """As many from the front as fit into memory together; always at least one."""
    chosen: dict[int, int] = {}
    total = 0
    for uid, size in sizes.items():
        total += size if size <= largest else 0
        if chosen and total > BATCH_BYTES:
            break
        chosen[uid] = size
    return chosen


def _fetched(mailbox: BaseMailBox, sizes: dict[int, int], largest: int) -> list[RawRequest]:
    whole = [uid for uid, size in sizes.items() if size <= largest]
    heads = [uid for uid, size in sizes.items() if size > largest]
    found = {uid: RawRequest(door="poll", body=body) for uid, body in _bodies(mailbox, whole, "BODY.PEEK[]")}
    for uid, body in _bodies(mailbox, heads, "BODY.PEEK[HEADER]"):
        found[uid] = RawRequest(door="poll", body=body, headers={OVERSIZE: str(sizes[uid])})
    return [found[uid] for uid in sorted(found)]


def _bodies(mailbox: BaseMailBox, uids: list[int], section: str) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each mail. One that was deleted meanwhile doesn't come."""
    for line, body in _items(mailbox, uids, f"(UID {section})"):
        uid = _UID.search(line)
        if uid and body is not None and int(uid[1]) in uids:
            yield int(uid[1]), body


def _items(mailbox: BaseMailBox, uids: list[int], parts: str) -> Iterator[tuple[bytes, bytes | None]]:
    """The lines of a FETCH answer, each with its literal. What follows a literal (servers may put the UID there)
    is joined to the line before it.
    """
    if not uids:
        return
    status, answer = mailbox.client.uid("FETCH", ",".join(map(str, uids)), parts)
    if status != "OK":
        raise imaplib.IMAP4.error(f"FETCH answered {status}.")
    waiting: tuple[bytes, bytes | None] | None = None
    for item in answer:
        if isinstance(item, bytes) and waiting:
            yield waiting[0] + b" " + item, waiting[1]
            waiting = None
        elif isinstance(item, bytes):
            yield item, None
        elif item:
            waiting = (item[0], item[1])
    if waiting:
        yield waiting


def _advanced(cursor: Cursor, done: Iterable[int]) -> Cursor:
    return Cursor(cursor.validity, max([cursor.last, *done]))


def _move_stored(mailbox: BaseMailBox, cursor: Cursor, target: str) -> None:
    stored = [uid for uid in mailbox.uids(f"UID 1:{cursor.last}", None) if int(uid) <= cursor.last]
    if not stored:
        return
    if not mailbox.folder.exists(target):
        mailbox.folder.create(target)
    mailbox.move(stored, target, chunks=MOVED_AT_ONCE)


# --- waiting ---


def has_news(settings: Settings, seconds: float, known_next: str) -> tuple[bool | None, str]:
    """Wait for the server to announce a mail. Gives whether it did, None where it can't (no IDLE), and the number the
    next mail would have had: when that moved since the last time, a mail came in between.
    """
    with opened(settings) as mailbox:
        upcoming = selected(mailbox, "UIDNEXT")
        if known_next and upcoming != known_next:
            return True, upcoming
        if "IDLE" not in mailbox.client.capabilities:
            return None, upcoming
        return _announced(mailbox, min(seconds, LONGEST_IDLE)), upcoming


def _announced(mailbox: BaseMailBox, seconds: float) -> bool:
    """Did the server announce a mail within that time? Only waits for the line to stir, then reads it whole: the
    library's own `idle.poll` reads without blocking and breaks on a line that comes in two packets.
    """
    mailbox.client.response("EXISTS")  # forget what it said when the folder was selected
    mailbox.idle.start()
    if not _already_read(mailbox):
        stirring = select.poll()
        stirring.register(mailbox.client.sock, select.POLLIN)
        stirring.poll(seconds * 1000)
    mailbox.idle.stop()
    _name, values = mailbox.client.response("EXISTS")
    return bool(values and values[-1])


def _already_read(mailbox: BaseMailBox) -> bool:
    """Does an answer lie in the reader's buffer? It came along with the line before, and the socket won't stir for it."""
    client, sock = mailbox.client, mailbox.client.sock
    stream: Any = getattr(client, "_file", None) or client.file  # its name depends on the Python version
    before = sock.gettimeout()
    sock.settimeout(0)
    try:
        return bool(stream.peek(1))
    except ssl.SSLWantReadError:
        return False
    finally:
        sock.settimeout(before)
