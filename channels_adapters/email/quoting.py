"""Telling the new words of a mail from the history below them. Nothing is thrown away: both halves are kept.

Line by line and linear in the text: what arrives here is hostile. The library's patterns serve the languages we have
none for; they backtrack, so they see only short lines.
"""

from __future__ import annotations

import re
from functools import cache

from mailparser_reply import EmailReplyParser
from mailparser_reply.parser import EmailMessage

# "On … wrote:" and its kin: how the sentence begins and how it ends. It may be broken over three lines.
_OPENING = re.compile(
    r"\W{0,3}(?:On|Il|El|Le|Am|Op|Em|Den|Dnia|W dniu|\d|пн|вт|ср|чт|пт|сб|нд|вс|понеділ|вівтор|серед|четвер"
    r"|п.ятниц|субот|неділ)",
    re.I,
)
_ENDING = re.compile(
    r"(?:wrote|ha scritto|hai scritto|scrisse|escribió|a écrit|schrieb|schreef|escreveu|napisał|пише|пишет|написа[вл])"
    r"[^:]{0,100}:\s*$",
    re.I,
)
# What a certified-mail provider writes above the words it carries.
_CERTIFIED = re.compile(r"\s*(?:Il giorno|In data) .{6,60} il messaggio\b", re.I)
_SEPARATOR = re.compile(
    r"\s*(?:-{2,}|_{2,})\s*(?:Original Message|Messaggio originale|Mensaje original|Message d'origine"
    r"|Ursprüngliche Nachricht|Оригінальне повідомлення|Вихідне повідомлення|Исходное сообщение)\s*(?:-{2,}|_{2,})\s*$",
    re.I,
)
# Header blocks as Outlook and PEC clients write them, in the languages of the office and its neighbours.
_FIELDS = {
    "from": r"From|Da|De|Von|Від|От|Od",
    "sent": r"Sent|Date|Inviato|Data(?: di invio)?|Enviado(?: el)?|Fecha|Envoyé|Gesendet|Datum"
    r"|Надіслано|Дата|Отправлено",
    "to": r"To|A|Para|À|An|Кому|Do",
    "subject": r"Subject|Oggetto|Asunto|Objet|Betreff|Тема|Temat",
}
_FIELD = re.compile(
    r"\s*\**(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _FIELDS.items()) + r")\s?\**\s?:\**\s?\S", re.I
)
_OWN_LANGUAGES = ["en", "it", "es", "de", "fr", "nl", "pl", "cs", "da", "sv", "ja", "ko", "zh"]
_RULE = re.compile(r"\s*_{10,}\s*$")
_MAX_LINE, _MAX_LOOK = 300, 32_000  # characters


def split(text: str) -> tuple[str, str]:
    """The fresh words and the quoted rest. Joined in that order they are the whole text again, except for an answer
    below the quotation: there the quotation stands second all the same.
    """
    lines = text.split("\n")
    at = _first_mark(lines)
    if at is None:
        at = _seen_by_library(text)
    if at is None:
        return text, ""
    if not any(line.strip() for line in lines[:at]):
        return _answer_below(lines, at) or (text, "")
    if _answers_between(lines[at:]):
        return text, ""
    fresh = "\n".join(lines[:at]).rstrip()
    return fresh, text[len(fresh) :]


def _first_mark(lines: list[str]) -> int | None:
    """Index of the line where history begins."""
    for index, line in enumerate(lines):
        if line.startswith(">"):
            return index
        if len(line) > _MAX_LINE or not line.strip():
            continue
        if _SEPARATOR.match(line) or _CERTIFIED.match(line) or _is_header_block(lines, index):
            return index - 1 if index and _RULE.match(lines[index - 1]) else index
        if line.rstrip().endswith(":") and _ENDING.search(line):
            start = _sentence_start(lines, index)
            if start is not None:
                return start
    return None


def _sentence_start(lines: list[str], end: int) -> int | None:
    """Where the "On … wrote:" that ends here began: at most two lines further up."""
    for start in range(end, max(end - 3, -1), -1):
        if not lines[start].strip():
            return None
        if _OPENING.match(lines[start]) and any(map(str.isdigit, "".join(lines[start : end + 1]))):
            return start
    return None


def _is_header_block(lines: list[str], index: int) -> bool:
    """From, and at least two of sent, to and subject within the next lines."""
    first = _FIELD.match(lines[index])
    if not first or not first["from"]:
        return False
    names = {found.lastgroup for line in lines[index : index + 8] if (found := _FIELD.match(line[:_MAX_LINE]))}
    return len(names) >= 3


def _answer_below(lines: list[str], at: int) -> tuple[str, str] | None:
    """The mail begins with its quotation: the answer is what follows it. None where nothing does."""
    quoted = [index for index in range(at, len(lines)) if lines[index].startswith(">")]
    if not quoted or any(lines[index].strip() for index in range(at, quoted[0]) if index - at > 2):
        return None
    end = quoted[-1] + 1
    below = "\n".join(lines[end:]).strip("\n")
    if not below.strip() or _answers_between(lines[at:end]):
        return None
    return below, "\n".join(lines[:end]).strip("\n")


def _answers_between(lines: list[str]) -> bool:
    """Words between or below quoted lines: the answers stand inside the quotation, so it must not be folded away."""
    seen_quote = False
    for line in lines:
        if line.startswith(">"):
            seen_quote = True
        elif seen_quote and line.strip():
            return True
    return False


@cache
def _library() -> re.Pattern[str]:
    parser = EmailReplyParser(languages=list(_OWN_LANGUAGES))
    pattern: re.Pattern[str] = EmailMessage(text="", languages=parser.languages).HEADER_REGEX
    return pattern


def _seen_by_library(text: str) -> int | None:
    """Line where the library sees history begin. Asked only where a line looks like it could."""
    if len(text) > _MAX_LOOK or "@" not in text:
        return None
    lines = text.split("\n")
    if max(map(len, lines)) > _MAX_LINE or not any(line.rstrip().endswith((":", "：")) for line in lines):
        return None
    found = _library().search(text)
    return text.count("\n", 0, found.start() + len(found[0]) - len(found[0].lstrip("\n"))) if found else None
