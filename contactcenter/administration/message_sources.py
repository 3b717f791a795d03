"""Finds every translatable string in Python files and Django templates, without GNU gettext.

Python is read as a syntax tree and templates through Django's own lexer, so what is found is what will be looked up.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace

SIMPLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
PLURAL_WITH_CONTEXT = {"npgettext", "npgettext_lazy"}


@dataclass(frozen=True, order=True)
class Message:
    """One thing to translate. `plural` and `context` are empty where there is none."""

    singular: str
    plural: str = ""
    context: str = ""


@dataclass(frozen=True)
class Found:
    message: Message
    path: Path
    line: int


class UnreadableTemplate(ValueError):
    """A translation block that can't be looked up as it is written."""


# --- Python ---------------------------------------------------------------------------------------------------------


def in_python(path: Path) -> Iterator[Found]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (message := _called(node)):
            yield Found(message, path, node.lineno)


def _called(node: ast.Call) -> Message | None:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    words = [_constant(argument) for argument in node.args]
    if name in SIMPLE and _all_text(words[:1], 1):
        return Message(words[0])
    if name in PLURAL and _all_text(words[:2], 2):
        return Message(words[0], plural=words[1])
    if name in WITH_CONTEXT and _all_text(words[:2], 2):
        return Message(words[1], context=words[0])
    if name in PLURAL_WITH_CONTEXT and _all_text(words[:3], 3):
        return Message(words[1], plural=words[2], context=words[0])
    return None


def _constant(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _all_text(words: list[str], count: int) -> bool:
    return len(words) == count and all(words)


# --- templates --------------------------------------------------------------------------------------------------------


def in_template(path: Path) -> Iterator[Found]:
    """Raises `UnreadableTemplate` for a block that is never closed."""
    tokens = iter(Lexer(path.read_text(encoding="utf-8")).tokenize())
    for token in tokens:
        if token.token_type is not TokenType.BLOCK:
            continue
        bits = list(smart_split(token.contents))
        line = token.lineno or 0
        if bits[0] in {"translate", "trans"} and (message := _translate(bits)):
            yield Found(message, path, line)
        elif bits[0] in {"blocktranslate", "blocktrans"}:
            yield Found(_block(bits, tokens, path, line), path, line)
        yield from _in_arguments(bits, path, line)


def _translate(bits: list[str]) -> Message | None:
    text = _unquoted(bits[1]) if len(bits) > 1 else ""
    return Message(_doubled(text), context=_context(bits)) if text else None


def _doubled(text: str) -> str:
    """Django looks template words up with their percent signs doubled."""
    return text.replace("%", "%%")


def _in_arguments(bits: list[str], path: Path, line: int) -> Iterator[Found]:
    """`_("…")` as an argument of any tag."""
    for bit in bits[1:]:
        _, opened, rest = bit.partition("_(")
        if opened and (text := _unquoted(rest.split(")")[0])):
            yield Found(Message(_doubled(text)), path, line)


def _block(bits: list[str], tokens: Iterator[Token], path: Path, line: int) -> Message:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token.token_type is TokenType.BLOCK:
            word = token.contents.split()[0]
            if word == "plural":
                parts.append([])
                continue
            if word == f"end{bits[0]}":
                texts = [_joined(part, trimmed="trimmed" in bits) for part in parts]
                return Message(texts[0], plural=texts[1] if len(texts) > 1 else "", context=_context(bits))
            raise UnreadableTemplate(f"{path}:{token.lineno}: “{word}” can't stand inside {bits[0]}.")
        parts[-1].append(_as_message(token))
    raise UnreadableTemplate(f"{path}:{line}: {bits[0]} is never closed.")


def _as_message(token: Token) -> str:
    if token.token_type is TokenType.VAR:
        return f"%({token.contents})s"
    if token.token_type is TokenType.TEXT:
        return _doubled(token.contents)
    return ""


def _joined(part: list[str], *, trimmed: bool) -> str:
    text = "".join(part)
    return trim_whitespace(text) if trimmed else text


def _context(bits: list[str]) -> str:
    return _unquoted(bits[bits.index("context") + 1]) if "context" in bits[:-1] else ""


def _unquoted(bit: str) -> str:
    """The text of a quoted argument, filters cut off; "" for a variable."""
    quote = bit[:1]
    if quote not in {"'", '"'}:
        return ""
    end = bit.find(quote, 1)
    while end > 0 and bit[end - 1] == "\\":
        end = bit.find(quote, end + 1)
    return bit[1:end].replace(f"\\{quote}", quote).replace("\\\\", "\\") if end > 0 else ""


def in_folder(root: Path) -> Iterator[Found]:
    for path in sorted(root.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from in_python(path)
    for suffix in ("html", "txt", "svg"):
        for path in sorted(root.glob(f"**/templates/**/*.{suffix}")):
            yield from in_template(path)
