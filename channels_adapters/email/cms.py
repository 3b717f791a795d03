"""Opening an opaque S/MIME signature: the mail lies whole inside a CMS structure (RFC 5652) and looks empty otherwise.

Only the envelope is opened. Whose signature it is, and whether it holds, isn't judged here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_MAX_ELEMENTS = 100_000
_OCTET_STRING = 0x04


class NotSigned(ValueError):
    """The bytes are no CMS signature with content inside."""


@dataclass(frozen=True)
class _Element:
    tag: int
    start: int  # of the content
    end: int
    next: int


def signed_content(data: bytes) -> bytes:
    """What was signed. Raises `NotSigned`."""
    try:
        outer = _element(data, 0, len(data))
        kind, wrapped = _children(data, outer)[:2]
        if data[kind.start : kind.end] != SIGNED_DATA:
            raise NotSigned("This is another kind of CMS structure.")
        signed = _children(data, wrapped)[0]
        inner = _children(data, _children(data, signed)[2])  # version, digest algorithms, content
        return b"".join(_octets(data, _children(data, inner[1])[0]))
    except (IndexError, ValueError, RecursionError) as error:
        raise NotSigned("The signature can't be opened.") from error


def _element(data: bytes, position: int, limit: int) -> _Element:
    """One BER element. The indefinite form ends at its two zero octets."""
    tag, first = data[position], data[position + 1]
    position += 2
    if first == 0x80:
        end = _end_of_contents(data, position, limit)
        return _Element(tag, position, end, end + 2)
    if first > 0x80:
        size = first & 0x7F
        first = int.from_bytes(data[position : position + size], "big")
        position += size
    if position + first > limit:
        raise NotSigned("An element is longer than what holds it.")
    return _Element(tag, position, position + first, position + first)


def _end_of_contents(data: bytes, position: int, limit: int, depth: int = 0) -> int:
    if depth > 30:
        raise NotSigned("It is nested too deep.")
    for _count in range(_MAX_ELEMENTS):
        if data[position : position + 2] == b"\0\0":
            return position
        if position >= limit:
            break
        if data[position + 1] == 0x80:
            position = _end_of_contents(data, position + 2, limit, depth + 1) + 2
        else:
            position = _element(data, position, limit).next
    raise NotSigned("It has no end.")


def _children(data: bytes, parent: _Element) -> list[_Element]:
    found: list[_Element] = []
    position = parent.start
    while position < parent.end and len(found) < _MAX_ELEMENTS:
        found.append(_element(data, position, parent.end))
        position = found[-1].next
    return found


def _octets(data: bytes, element: _Element, depth: int = 0) -> Iterator[bytes]:
    """The octets of a string, also when it was sent in pieces."""
    if element.tag == _OCTET_STRING:
        yield data[element.start : element.end]
    elif element.tag & 0x20 and depth < 10:
        for child in _children(data, element):
            yield from _octets(data, child, depth + 1)
