"""What is asked of an agent, as a tree read from a line of text. Nothing is ever executed.

    languages HAS "it" AND (topics HAS "tributi" OR level >= 4)

| Text | Holds for an agent |
| --- | --- |
| `TRUE`, an empty text, `1==1` | whoever it is |
| `languages HAS "it"`, `topics NOT HAS "tributi"` | who has, or hasn't, this one (also `skills`, `offices`) |
| `languages IN ["it", "uk"]`, `offices NOT IN ["anagrafe"]` | who has one of these at least, or none of them |
| `level >= 4`, `languages.uk >= 3`, `skills.tributi IN [2, 3]` | by level, 1–5; who hasn't got it: never |
| `NOT …`, `… AND …`, `… OR …`, `( … )` | NOT binds tighter than AND, AND tighter than OR |

Two names from other systems' habits are understood too: `"it" IN languages` and `4 <= level`.
"""

from __future__ import annotations

import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

LONGEST = 2_000  # characters
DEEPEST = 20  # parentheses and NOTs inside one another
LEVELS = range(1, 6)
LISTS = ("languages", "skills", "topics", "offices")
LEVELLED = ("languages", "skills")
LEVEL = "level"
SHOWN_AROUND = 40  # characters on either side of a mistake


@dataclass(frozen=True)
class Attributes:
    """What an agent brings. Languages (ISO 639-1) and skills (slugs) with a level of 1–5; topics and offices by slug."""

    languages: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[str, int] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    level: int = 1


@dataclass(frozen=True)
class Terms:
    """The names that stand in an expression, whichever way it asks for them."""

    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()


class Mistake(ValueError):
    """A text that can't be read: a whole sentence, and the place it speaks of (offset and length in characters)."""

    def __init__(self, sentence: str, position: int, length: int, text: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.position, self.length, self.text = sentence, position, length, text

    def marked(self) -> str:
        """The line of text with carets below the place, for a fixed-width font."""
        begin = self.text.rfind("\n", 0, self.position) + 1
        line = self.text[begin:].split("\n", 1)[0].replace("\t", " ").replace("\r", " ")
        at = self.position - begin
        left, right = max(0, at - SHOWN_AROUND), at + SHOWN_AROUND
        before, after = "…" if left else "", "…" if len(line) > right else ""
        carets = "^" * max(1, min(self.length, len(line) - at, SHOWN_AROUND))
        return f"{before}{line[left:right]}{after}\n{' ' * (len(before) + at - left)}{carets}"


# --- the tree ---------------------------------------------------------------------------------------------------------


class Expression(ABC):
    """One condition. Equal trees are equal; `str` is a text that reads back equal."""

    __slots__ = ()

    @abstractmethod
    def holds(self, agent: Attributes) -> bool: ...

    def inner(self) -> tuple[Expression, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Anybody(Expression):
    def holds(self, agent: Attributes) -> bool:
        return True

    def __str__(self) -> str:
        return "TRUE"


@dataclass(frozen=True, slots=True)
class Has(Expression):
    of: str
    name: str
    negated: bool = False

    def holds(self, agent: Attributes) -> bool:
        return (self.name in getattr(agent, self.of)) is not self.negated

    def __str__(self) -> str:
        return f'{self.of} {"NOT HAS" if self.negated else "HAS"} "{self.name}"'


@dataclass(frozen=True, slots=True)
class OneOf(Expression):
    of: str
    names: tuple[str, ...]
    negated: bool = False

    def holds(self, agent: Attributes) -> bool:
        theirs = getattr(agent, self.of)
        return any(name in theirs for name in self.names) is not self.negated

    def __str__(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.names)
        return f"{self.of} {'NOT IN' if self.negated else 'IN'} [{names}]"


COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _level(agent: Attributes, of: str, name: str) -> int | None:
    theirs: Mapping[str, int] = getattr(agent, of) if name else {"": agent.level}
    return theirs.get(name)


def _whose(of: str, name: str) -> str:
    return f"{of}.{name}" if name else of


@dataclass(frozen=True, slots=True)
class Level(Expression):
    of: str
    name: str  # empty = the agent's own level
    sign: str
    number: int

    def holds(self, agent: Attributes) -> bool:
        level = _level(agent, self.of, self.name)
        return level is not None and COMPARISONS[self.sign](level, self.number)

    def __str__(self) -> str:
        return f"{_whose(self.of, self.name)} {self.sign} {self.number}"


@dataclass(frozen=True, slots=True)
class LevelIn(Expression):
    of: str
    name: str
    numbers: tuple[int, ...]
    negated: bool = False

    def holds(self, agent: Attributes) -> bool:
        level = _level(agent, self.of, self.name)
        return level is not None and (level in self.numbers) is not self.negated

    def __str__(self) -> str:
        numbers = ", ".join(map(str, self.numbers))
        return f"{_whose(self.of, self.name)} {'NOT IN' if self.negated else 'IN'} [{numbers}]"


@dataclass(frozen=True, slots=True)
class Not(Expression):
    part: Expression

    def holds(self, agent: Attributes) -> bool:
        return not self.part.holds(agent)

    def inner(self) -> tuple[Expression, ...]:
        return (self.part,)

    def __str__(self) -> str:
        return f"NOT ({self.part})" if isinstance(self.part, All | Some) else f"NOT {self.part}"


@dataclass(frozen=True, slots=True)
class All(Expression):
    parts: tuple[Expression, ...]

    def holds(self, agent: Attributes) -> bool:
        return all(part.holds(agent) for part in self.parts)

    def inner(self) -> tuple[Expression, ...]:
        return self.parts

    def __str__(self) -> str:
        return " AND ".join(f"({part})" if isinstance(part, Some) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Some(Expression):
    parts: tuple[Expression, ...]

    def holds(self, agent: Attributes) -> bool:
        return any(part.holds(agent) for part in self.parts)

    def inner(self) -> tuple[Expression, ...]:
        return self.parts

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts))


def every(*parts: Expression) -> Expression:
    """All of these: groups of the same kind melt into one, what asks nothing of anybody is left out."""
    return _group(All, [part for part in parts if part != Anybody()])


def some(*parts: Expression) -> Expression:
    """One of these at least."""
    return _group(Some, list(parts))


def negation(part: Expression) -> Expression:
    return part.part if isinstance(part, Not) else Not(part)


def _group(kind: type[All] | type[Some], parts: list[Expression]) -> Expression:
    flat = [one for part in parts for one in (part.parts if isinstance(part, kind) else (part,))]
    unique = tuple(dict.fromkeys(flat))
    if len(unique) == 1:
        return unique[0]
    return kind(unique) if unique else Anybody()


@lru_cache(maxsize=2_000)
def terms(expression: Expression) -> Terms:
    """Every language, skill, topic and office that it names."""
    found: dict[str, set[str]] = {name: set() for name in LISTS}
    ahead = [expression]
    while ahead:
        one = ahead.pop()
        ahead.extend(one.inner())
        if isinstance(one, OneOf):
            found[one.of].update(one.names)
        elif isinstance(one, Has | Level | LevelIn) and one.name:
            found[one.of].add(one.name)
    return Terms(**{name: frozenset(names) for name, names in found.items()})


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str  # "string", "number", "word", "sign", "end"
    text: str
    position: int

    def says(self, *words: str) -> bool:
        return self.sort in ("word", "sign") and self.text.upper() in words


TOKENS = re.compile(
    r'\s+|(?P<string>"[^"\n]*")|(?P<number>[0-9]+)|(?P<sign>[=!<>]=|[<>()\[\],])'
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)?)"
)
NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")
RESERVED = ("AND", "OR", "NOT", "IN", "HAS", "TRUE")


@lru_cache(maxsize=2_000)
def read(text: str) -> Expression:
    """The tree of a text; an empty one holds for everybody. Raises `Mistake`."""
    if len(text) > LONGEST:
        raise Mistake(_too_long(), LONGEST, len(text) - LONGEST, text)
    found = _Reader(text).whole() if text.strip() else Anybody()
    if len(str(found)) > LONGEST:
        raise Mistake(_too_long(), 0, len(text), text)
    return found


def _too_long() -> str:
    return _("Requirements are %(number)d characters long at most. Shorten them.") % {"number": LONGEST}


class _Reader:
    """Recursive descent; `DEEPEST` keeps hostile nesting away from the interpreter's stack."""

    def __init__(self, text: str) -> None:
        self.text, self.depth, self.at = text, 0, 0
        self.tokens = list(self._tokens())

    def _tokens(self) -> Iterator[_Token]:
        position = 0
        while position < len(self.text):
            match = TOKENS.match(self.text, position)
            if match is None:
                raise self._cannot_read(position)
            if match.lastgroup:
                yield _Token(match.lastgroup, match.group(), position)
            position = match.end()
        yield _Token("end", "", position)

    def _cannot_read(self, position: int) -> Mistake:
        found = self.text[position]
        if found == '"':
            sentence = _("A name begins here and never ends. Close it with a double quote.")
            return Mistake(sentence, position, len(self.text) - position, self.text)
        sentence = _("“%(found)s” can't be read here. Write == for equal, and names in straight double quotes.")
        return Mistake(sentence % {"found": found}, position, 1, self.text)

    # the stream

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += token.sort != "end"
        return token

    def took(self, *words: str) -> bool:
        """Steps over the next token where it is one of these."""
        if not self.next.says(*words):
            return False
        self.at += 1
        return True

    def wrong(self, sentence: str, token: _Token | None = None) -> Mistake:
        token = token or self.next
        return Mistake(sentence, token.position, max(1, len(token.text)), self.text)

    # the grammar

    def whole(self) -> Expression:
        found = self.either()
        if self.next.says(")"):
            raise self.wrong(_("This parenthesis closes nothing. Take it away, or open one before it."))
        if self.next.sort != "end":
            raise self.wrong(_("Expected AND, OR or the end here."))
        return found

    def either(self) -> Expression:
        parts = [self.both()]
        while self.took("OR"):
            parts.append(self.both())
        return some(*parts)

    def both(self) -> Expression:
        parts = [self.one()]
        while self.took("AND"):
            parts.append(self.one())
        return every(*parts)

    def one(self) -> Expression:
        token = self.next
        if token.says("NOT", "("):
            return self._deeper()
        if self.took("TRUE"):
            return Anybody()
        return self._comparison()

    def _deeper(self) -> Expression:
        opening, self.depth = self.take(), self.depth + 1
        if self.depth > DEEPEST:
            raise self.wrong(_("This is nested too deeply. Write it with fewer parentheses and NOTs."), opening)
        found = negation(self.one()) if opening.says("NOT") else self._inside(opening)
        self.depth -= 1
        return found

    def _inside(self, opening: _Token) -> Expression:
        found = self.either()
        if not self.took(")"):
            if self.next.sort == "end":
                raise self.wrong(_("This parenthesis is never closed."), opening)
            raise self.wrong(_("Expected AND, OR or a closing parenthesis here."))
        return found

    def _comparison(self) -> Expression:
        left = self.take()
        if left.sort in ("string", "number"):
            return self._from_value(left)
        if left.sort != "word" or left.says(*RESERVED):
            raise self.wrong(_('Expected a condition here, such as languages HAS "it" or level >= 3.'), left)
        of, name = self._attribute(left)
        return self._by_level(of, name, left) if name or of == LEVEL else self._in_list(of)

    def _attribute(self, token: _Token) -> tuple[str, str]:
        of, _dot, name = token.text.partition(".")
        of = of.lower()
        if of not in (*LISTS, LEVEL):
            sentence = _("“%(name)s” is nothing an agent has. Write languages, skills, topics, offices or level.")
            raise self.wrong(sentence % {"name": of}, token)
        if name and of not in LEVELLED:
            raise self.wrong(_("Only languages and skills have a level by name, as in languages.uk >= 3."), token)
        if len(name) > 50:
            raise self._not_a_name(token)
        return of, name

    def _in_list(self, of: str) -> Expression:
        sign = self.next
        negated = self.took("NOT")
        if self.took("HAS"):
            return Has(of, self._name(), negated)
        if self.took("IN"):
            return OneOf(of, tuple(sorted(set(self._list(self._name)))), negated)
        sentence = _("Expected HAS, NOT HAS, IN or NOT IN after “%(name)s” here.")
        raise self.wrong(sentence % {"name": of}, sign)

    def _by_level(self, of: str, name: str, left: _Token) -> Expression:
        sign = self.next
        if self.took(*COMPARISONS):
            return Level(of, name, sign.text, self._number())
        negated = self.took("NOT")
        if self.took("IN"):
            return LevelIn(of, name, tuple(sorted(set(self._list(self._number)))), negated)
        sentence = _("Expected ==, !=, <, >, <=, >=, IN or NOT IN after “%(name)s” here.")
        raise self.wrong(sentence % {"name": left.text}, sign)

    def _from_value(self, left: _Token) -> Expression:
        """`"it" IN languages`, `4 <= level`, and `1==1`, which asks nothing."""
        sign = self.next
        if left.sort == "string":
            negated = self.took("NOT")
            if not self.took("IN"):
                raise self.wrong(_('Expected IN or NOT IN after a name here, as in "it" IN languages.'), sign)
            return Has(self._attribute_of(LISTS), self._checked(left), negated)
        if not self.took(*COMPARISONS):
            raise self.wrong(_("Expected ==, !=, <, >, <= or >= after a number here."), sign)
        if self.next.sort == "number":
            same = COMPARISONS[sign.text](int(left.text), int(self.take().text))
            return Anybody() if same else Not(Anybody())
        right = self.next
        of, name = self._attribute(self.take()) if right.sort == "word" else ("", "")
        if not name and of != LEVEL:
            raise self.wrong(_("Expected level, or a level by name such as languages.uk, here."), right)
        return Level(of, name, MIRRORED.get(sign.text, sign.text), self._checked_number(left))

    def _attribute_of(self, allowed: tuple[str, ...]) -> str:
        token = self.take()
        if token.sort == "word" and token.text.lower() in allowed:
            return token.text.lower()
        raise self.wrong(_("Expected languages, skills, topics or offices here."), token)

    # values

    def _list(self, value: Callable[[], Any]) -> list[Any]:
        if not self.took("["):
            raise self.wrong(_('Expected a list in square brackets here, such as ["it", "uk"] or [3, 4].'))
        values = [value()]
        while self.took(","):
            values.append(value())
        if not self.took("]"):
            raise self.wrong(_("Expected a comma or a closing square bracket here."))
        return values

    def _name(self) -> str:
        token = self.next
        if token.sort != "string":
            raise self.wrong(_('Expected a name in double quotes here, such as "it".'))
        return self._checked(self.take())

    def _checked(self, token: _Token) -> str:
        name = token.text[1:-1]
        if not NAME.fullmatch(name):
            raise self._not_a_name(token)
        return name

    def _not_a_name(self, token: _Token) -> Mistake:
        return self.wrong(_("A name has letters, digits, hyphens and underscores, 50 at most, and no spaces."), token)

    def _number(self) -> int:
        if self.next.sort != "number":
            raise self.wrong(_("Expected a whole number from 1 to 5 here."))
        return self._checked_number(self.take())

    def _checked_number(self, token: _Token) -> int:
        number = int(token.text)
        if number not in LEVELS:
            raise self.wrong(_("Levels are whole numbers from 1 to 5."), token)
        return number
