"""Web chat: the citizen's page, embedded by one script tag or opened at its own address.

The page talks over our own socket and our own form; nothing leaves through a provider. What the frames look like
is in `frames.py`; this file says what they mean.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from channels_adapters import contract
from channels_adapters.contract import (
    Abilities,
    Address,
    Arrived,
    Ended,
    Event,
    FetchRange,
    Hello,
    InboundFile,
    InboundMessage,
    LiveAdapter,
    Notice,
    Outbound,
    Patience,
    Ping,
    RawRequest,
    Receipt,
    Seen,
    Typing,
    Unparseable,
    Unsupported,
    Untrusted,
)
from channels_adapters.web_chat import frames
from channels_adapters.web_chat.settings import Settings as ChatSettings, origin

LONGEST_TEXT = 4000
MOST_FILES = 5
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_UPLOAD = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")  # the ids our own upload door gives
_TOPIC = re.compile(r"[a-z0-9_-]{1,64}")
_PLAIN = r"[^@\s\x00-\x20<>,;:\"()\[\]\\]"
_MAIL = re.compile(rf"{_PLAIN}{{1,64}}@{_PLAIN}{{1,190}}\.[^@\s.<>,;:\"()\[\]\\]{{2,63}}")
Frame = Mapping[str, Any]


class Adapter(LiveAdapter):
    kind = "web_chat"
    label = gettext_lazy("Web chat")
    abilities = Abilities(
        family="chat",
        doors=frozenset({"socket", "form"}),
        reaches=frozenset({"visitor"}),
        icon="chat",
        files=True,
        live=True,
        typing=True,
        read_receipts=True,
        repeatable=True,  # sending moves nothing: the page reads the words where they are kept
        max_length=LONGEST_TEXT,
        max_files=MOST_FILES,
    )
    Settings = ChatSettings
    settings: ChatSettings
    page_template = "web_chat/page.html"
    loader = "web_chat/loader.js"
    callback_template = "web_chat/callback.html"

    def allowed_origins(self) -> tuple[str, ...]:
        """In normal form; a line that isn't an origin allows nothing."""
        return tuple(found for line in self.settings.allowed_origins if (found := origin(line)))

    def patience(self) -> Patience:
        return Patience(self.settings.ask_after_minutes, self.settings.end_after_minutes)

    def requires_topic(self) -> bool:
        return self.settings.ask_topic and self.settings.topic_required

    def verify(self, raw: RawRequest) -> None:
        """There is no signature: the door itself must have recognised whose page this is."""
        if raw.door not in self.abilities.doors:
            raise Untrusted("Chat messages come in through the socket or the form only.")
        if raw.sender is None or raw.sender.scheme not in {"visitor", "mailto"} or not raw.sender.value:
            raise Untrusted("The visitor's session wasn't recognised.")

    def delivery_key(self, raw: RawRequest) -> str:
        """Two visitors may say the same: the key covers who said it."""
        who = f"{raw.sender.scheme}:{raw.sender.value}" if raw.sender else ""
        return hashlib.sha256(who.encode() + b"\n" + raw.body).hexdigest()

    def parse(self, raw: RawRequest) -> list[Event]:
        """One frame is one event; a kind of frame that we don't know yet is none."""
        frame = frames.read(raw.body)
        if raw.door == "form":
            return [_left_message(frame, raw)]
        reader = _READERS.get(str(frame.get("t")))
        return [reader(frame, raw)] if reader else []

    def send(self, outbound: Outbound) -> Receipt:
        """The words are in the database already, and the citizen's page fetches them from there."""
        if not outbound.to or any(address.scheme not in self.abilities.reaches for address in outbound.to):
            raise Unsupported(_("The web chat reaches only visitors of the chat page. Choose another channel."))
        return Receipt(state="sent")

    def frame(self, notice: Notice) -> str:
        return frames.write(notice)

    def check(self) -> list[str]:
        return [
            _("“%(line)s” isn't the address of a web site. Write it as https://www.town.example.") % {"line": line}
            for line in self.settings.allowed_origins
            if origin(line) is None
        ]


# --- what each frame means -----------------------------------------------------------------------------------------


def _sender(raw: RawRequest) -> Address:
    if raw.sender is None:
        raise Unparseable(_("Nobody knows who wrote this. Reload the page and try again."))
    return raw.sender


def _external_id(raw: RawRequest, client_id: str) -> str:
    return f"{_sender(raw).value}:{client_id}"


def _language(frame: Frame) -> str:
    """A claim of the page: what doesn't look like a language is left out rather than refused."""
    language = frames.text(frame, "language", longest=35)
    return language if _LANGUAGE.fullmatch(language) else ""


def _topic(frame: Frame) -> str:
    topic = frames.text(frame, "topic", longest=64)
    if topic and not _TOPIC.fullmatch(topic):
        raise Unparseable(_("That topic isn't known. Choose one from the list."))
    return topic


def _message(frame: Frame, raw: RawRequest) -> InboundMessage:
    client_id = frames.identifier(frame.get("cid"))
    try:
        return _said(frame, raw, client_id)
    except Unparseable as error:
        error.client_id = client_id
        raise


def _uploads(frame: Frame) -> tuple[InboundFile, ...]:
    uploads = frames.identifiers(frame, "files", most=MOST_FILES)
    if not all(_UPLOAD.fullmatch(upload) for upload in uploads):
        raise Unparseable(_("One of the files isn't known. Remove it and add it again."))
    return tuple(InboundFile(name="", upload=upload) for upload in uploads)


def _said(frame: Frame, raw: RawRequest, client_id: str) -> InboundMessage:
    text = frames.text(frame, "text", longest=LONGEST_TEXT)
    files = _uploads(frame)
    if not text.strip() and not files:
        raise Unparseable(_("The message is empty. Write something, or add a file."))
    sender = _sender(raw)
    name = " ".join(frames.text(frame, "name", longest=120).split())
    return InboundMessage(
        external_id=_external_id(raw, client_id),
        client_id=client_id,
        thread=sender.value,  # one open conversation per visitor
        sender=Address(sender.scheme, sender.value, name or sender.name),
        text=text,
        files=files,
        language=_language(frame),
        topic=_topic(frame),
    )


def _mail_address(frame: Frame) -> Address:
    value = frames.text(frame, "email", longest=254).strip().lower()
    if not _MAIL.fullmatch(value) or ".." in value:
        raise Unparseable(_("Write your e-mail address in full, as in anna@example.org: the answer goes there."))
    return Address("mailto", value, " ".join(frames.text(frame, "name", longest=120).split()))


def _left_message(frame: Frame, raw: RawRequest) -> InboundMessage:
    """The form of the closed or unstaffed chat: an ordinary message whose answer leaves by e-mail."""
    text = frames.text(frame, "text", longest=LONGEST_TEXT)
    if not text.strip():
        raise Unparseable(_("The message is empty. Write what it is about."))
    if not frames.flag(frame, "consent"):
        raise Unparseable(_("Tick the box that allows us to answer you by e-mail."))
    sender = _mail_address(frame)
    given = frame.get("cid")
    client_id = frames.identifier(given) if given else hashlib.sha256(raw.body).hexdigest()[:32]
    return InboundMessage(
        external_id=_external_id(raw, client_id),
        client_id=client_id,
        sender=sender,
        reply_to=sender,
        text=text,
        language=_language(frame),
        topic=_topic(frame),
    )


def _hello(frame: Frame, raw: RawRequest) -> Hello:
    return Hello(
        token=frames.text(frame, "token", longest=200),
        last_seq=frames.number(frame, "last_seq"),
        version=frames.number(frame, "v", 1),
        conversation=frames.text(frame, "conv", longest=64),
    )


def _range(frame: Frame, raw: RawRequest) -> FetchRange:
    first, last = frames.number(frame, "from"), frames.number(frame, "to")
    if first > last:
        raise Unparseable(_("The range asked for is empty. Reload the page and try again."))
    return FetchRange(first, last)


_READERS: dict[str, Callable[[Frame, RawRequest], contract.Event]] = {
    "hello": _hello,
    "msg": _message,
    "ack": lambda frame, raw: Arrived(frames.number(frame, "seq")),
    "read": lambda frame, raw: Seen(frames.number(frame, "seq")),
    "typing": lambda frame, raw: Typing(frames.flag(frame, "on", True)),
    "fetch": _range,
    "ping": lambda frame, raw: Ping(frames.number(frame, "n")),
    "end": lambda frame, raw: Ended(),
}
