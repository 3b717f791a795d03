"""The tree of a mail's parts, split without copying, so that a bomb costs no more than its size.

The standard library's parser checks every line against every open boundary and recurses once per level: ten thousand
nested parts stop it. This one looks for one boundary at a time, no deeper than `MAX_DEPTH`, and decodes nothing
until asked.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property

from channels_adapters.email import charsets, filenames, headers

MAX_DEPTH = 50
MAX_PARTS = 1000


@dataclass
class Budget:
    """How many parts may still be opened in one mail; `spent` tells that some stayed closed."""

    parts: int = MAX_PARTS
    spent: bool = False

    def take(self, depth: int) -> bool:
        if self.parts <= 0 or depth > MAX_DEPTH:
            self.spent = True
            return False
        self.parts -= 1
        return True


@dataclass(frozen=True)
class Part:
    """One part: a window on the raw bytes, its header, and the parts inside it."""

    raw: bytes = field(repr=False)
    start: int  # of the body
    end: int
    headers: headers.Headers
    children: tuple[Part, ...] = ()
    budget: Budget = field(default_factory=Budget, repr=False)

    @cached_property
    def _content_type(self) -> Message:
        return headers.parametrised(self.headers.get("content-type") or "text/plain")

    @cached_property
    def _disposition(self) -> Message:
        return headers.parametrised(self.headers.get("content-disposition"))

    @cached_property
    def type(self) -> str:
        """The declared media type, lower-case. A multipart that could not be split is text, a closed one is a file."""
        declared = self._content_type.get_content_type()
        if declared.startswith("multipart/") and not self.children:
            return "application/octet-stream" if self.budget.spent else "text/plain"
        return declared

    def parameter(self, name: str) -> str:
        return headers.parameter(self._content_type, name)

    @cached_property
    def disposition(self) -> str:
        """ "attachment", "inline" or ""."""
        return self.headers.get("content-disposition").partition(";")[0].strip().lower()

    @cached_property
    def filename(self) -> str:
        """The name the sender gave, made harmless; "" when there is none."""
        given = headers.parameter(self._disposition, "filename") or self.parameter("name")
        return filenames.harmless(given)

    @cached_property
    def content_id(self) -> str:
        return headers.decoded(self.headers.get("content-id")).strip("<> ")[:250]

    @property
    def body(self) -> bytes:
        """The bytes as they were sent."""
        return self.raw[self.start : self.end]

    def decoded(self) -> bytes:
        """The bytes as they were meant. What can't be decoded stays as it was sent."""
        encoding = self.headers.get("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            return _from_base64(self.body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        return self.body

    def text(self) -> str:
        return charsets.clean(charsets.decode(self.decoded(), self.parameter("charset")))

    def walk(self) -> Iterator[Part]:
        """This part and all inside it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()


def _from_base64(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:  # cut short, or wrong padding
        digits = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        usable = len(digits) - (len(digits) % 4 == 1)  # one digit alone is not even a byte
        return binascii.a2b_base64(digits[:usable] + b"=" * (-usable % 4))


def split(raw: bytes) -> Part:
    """The tree of a whole mail."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    start = raw.find(b"\n") + 1 if raw.startswith(b"From ") else 0  # the separator line of an mbox
    return _part(raw, start, len(raw), Budget(), 0)


def _part(raw: bytes, start: int, end: int, budget: Budget, depth: int) -> Part:
    head, body = _body_start(raw, start, end)
    found = headers.Headers(raw[start : min(head, start + headers.MAX_BLOCK)])
    content_type = found.get("content-type")
    children: tuple[Part, ...] = ()
    if content_type[:10].lower() == "multipart/" and budget.take(depth):
        boundary = headers.parametrised(content_type).get_boundary("")
        windows = _windows(raw, body, end, str(boundary).encode("utf-8", "replace")) if boundary else []
        children = tuple(_part(raw, *window, budget, depth + 1) for window in windows if budget.take(depth))
    return Part(raw, body, end, found, children, budget)


def _body_start(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header block ends and where the body begins."""
    if raw[start : start + 2] == b"\r\n" or raw[start : start + 1] == b"\n":
        return start, start + (2 if raw[start : start + 1] == b"\r" else 1)
    unix, dos = raw.find(b"\n\n", start, end), raw.find(b"\n\r\n", start, end)
    if unix < 0 and dos < 0:
        return end, end
    if dos < 0 or 0 <= unix < dos:
        return unix, unix + 2
    return dos, dos + 3


def _windows(raw: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each part between the delimiter lines of `boundary`."""
    opened = -1
    for line, after, closing in _delimiters(raw, start, end, b"--" + boundary):
        if opened >= 0:
            yield opened, max(opened, line)
        if closing:
            return
        opened = after
    if opened >= 0:  # the closing delimiter never came: the last part runs to the end
        yield opened, end


def _delimiters(raw: bytes, start: int, end: int, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Each delimiter line: where the part before it ends, where the next begins, and whether it closes."""
    position = raw.find(mark, start, end)
    while position >= 0:
        after = position + len(mark)
        if position == start or raw[position - 1 : position] == b"\n":  # nothing else may cost a look along the line
            newline = raw.find(b"\n", position, end)
            after = end if newline < 0 else newline + 1
            rest = raw[position + len(mark) : min(after, position + len(mark) + 80)].rstrip()
            if rest in (b"", b"--"):
                yield _before_newline(raw, position), after, rest == b"--"
        position = raw.find(mark, after, end)


def _before_newline(raw: bytes, position: int) -> int:
    """The newline before a delimiter belongs to the delimiter (RFC 2046)."""
    if raw[position - 2 : position] == b"\r\n":
        return position - 2
    return max(position - 1, 0)
