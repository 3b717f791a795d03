"""What an administrator sets for one chat. Texts may differ by language: one line each, `uk: Вітаємо`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import get_language, gettext, gettext_lazy as _

from channels_adapters.contract import setting

_LANGUAGE_LINE = re.compile(r"([a-z]{2}):\s*(.+)")
LONGEST_PATIENCE = 24 * 60  # minutes
COLOURS = ("blue", "green", "purple", "slate")


def in_language(lines: Iterable[str], language: str) -> str:
    """The line for `language` of lines such as `en: Hello`; else the lines without a language, joined; else ""."""
    general = []
    for line in lines:
        match = _LANGUAGE_LINE.fullmatch(line.strip())
        if match and match[1] == language:
            return match[2]
        if not match and line.strip():
            general.append(line.strip())
    return "\n".join(general)


def origin(address: str) -> str | None:
    """`https://town.example` of an address, with its port where it isn't the usual one; None when it isn't one."""
    parts = urlsplit(address.strip().lower())
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "*" in parts.netloc:
        return None
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" if port in {None, usual} else f"{parts.scheme}://{host}:{port}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    title: str = setting(
        label=_("Title"), help=_("Shown on top of the chat. Empty: the name of the account."), default=""
    )
    greeting: tuple[str, ...] = setting(
        label=_("Greeting"), help=_("One line for everybody, or one per language: “uk: Вітаємо”."), default=()
    )
    allowed_origins: tuple[str, ...] = setting(
        label=_("Web sites that may show this chat"),
        help=_("One per line, as https://www.town.example. Our own page always may."),
        default=(),
    )
    ask_name: bool = setting(label=_("Ask for a name (voluntary)"), default=True)
    ask_topic: bool = setting(label=_("Ask for the topic"), default=True)
    topic_required: bool = setting(label=_("The topic must be chosen"), default=False)
    offer_transcript: bool = setting(label=_("Offer the conversation by e-mail"), default=True)
    ask_after_minutes: int = setting(
        label=_("Ask a silent citizen after … minutes"),
        help=_("While an agent waits for a word, a notice asks whether they are still there. 0: never."),
        default=5,
    )
    end_after_minutes: int = setting(
        label=_("End for them after … minutes more"),
        help=_("Without a word after the question. They go on by writing again. 0: never."),
        default=10,
    )
    accept_files: bool = setting(label=_("Accept files"), default=True)
    colour: str = setting(label=_("Colour"), default="blue", choices=COLOURS)
    privacy_address: str = setting(
        label=_("Address of the privacy notice"), help=_("Linked below the first form."), default=""
    )
    closed_text: tuple[str, ...] = setting(
        label=_("Text when closed"),
        help=_("Shown above the form outside opening hours. One line for everybody, or one per language."),
        default=(),
    )
    nobody_text: tuple[str, ...] = setting(
        label=_("Text when nobody is available"),
        help=_("Shown above the form in opening hours. One line for everybody, or one per language."),
        default=(),
    )

    def __post_init__(self) -> None:
        if not 0 <= self.ask_after_minutes <= LONGEST_PATIENCE or not 0 <= self.end_after_minutes <= LONGEST_PATIENCE:
            raise ValueError(gettext("Minutes of silence go from 0 (never) to 1440 (a day)."))

    # What the page shows, in the language that is active while it is drawn.

    @property
    def greeting_now(self) -> str:
        return in_language(self.greeting, (get_language() or "")[:2])

    @property
    def closed_now(self) -> str:
        return in_language(self.closed_text, (get_language() or "")[:2])

    @property
    def nobody_now(self) -> str:
        return in_language(self.nobody_text, (get_language() or "")[:2])

    @property
    def colour_now(self) -> str:
        return self.colour if self.colour in COLOURS else COLOURS[0]
