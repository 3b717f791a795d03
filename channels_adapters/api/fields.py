"""Reading one JSON object strictly: a field that is unknown, of a wrong type or too large is named in a sentence."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from channels_adapters.contract import Unparseable


def document(body: bytes) -> Fields:
    """The object in a body. Raise `Unparseable`."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Unparseable(_("The body is not JSON. Send one JSON object in UTF-8.")) from None
    return Fields(value, "")


def _no_constant(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity are not JSON


class Fields:
    """One object and where it stands in the document ("messages[3].from"), for the sentences."""

    def __init__(self, value: object, where: str) -> None:
        self.where = where
        if not isinstance(value, dict):
            raise Unparseable(_("“%(where)s” must be an object.") % {"where": where or "body"})
        self._value: dict[str, Any] = value

    def only(self, *names: str) -> None:
        """Raise `Unparseable` for a field that isn't one of `names`: mostly a slip that would lose words."""
        unknown = sorted(set(self._value) - set(names))
        if unknown:
            raise Unparseable(
                _("“%(where)s” is not a field we know. Known: %(names)s.")
                % {"where": self.at(shown(unknown[0])), "names": ", ".join(names)}
            )

    def at(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None

    def text(self, name: str, most: int, *, required: bool = False) -> str:
        """Text of at most `most` characters without what no database stores; "" where it is absent."""
        value = self._value.get(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or len(value) > most or (required and not clean(value).strip()):
            raise Unparseable(
                _("“%(where)s” must be text of 1 to %(most)d characters.") % {"where": self.at(name), "most": most}
            )
        return clean(value)

    def identifier(self, name: str, *, required: bool = False, most: int = 200) -> str:
        """Text that is kept as it is and compared later: printable, or refused rather than changed."""
        value = self.text(name, most, required=required)
        if value != (self._value.get(name) or "") or not value.isprintable() or value != value.strip():
            raise Unparseable(
                _("“%(where)s” must be an identifier without control characters or spaces around it.")
                % {"where": self.at(name)}
            )
        return value

    def flag(self, name: str) -> bool:
        value = self._value.get(name, False)
        if not isinstance(value, bool):
            raise Unparseable(_("“%(where)s” must be true or false.") % {"where": self.at(name)})
        return value

    def instant(self, name: str) -> datetime | None:
        """An instant with its zone; None where it is absent."""
        given = self.text(name, 40)
        if not given:
            return None
        try:
            instant = datetime.fromisoformat(given)
            if instant.tzinfo is not None:
                return instant.astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # said below, like an instant without its zone
        raise Unparseable(
            _("“%(where)s” must be an instant such as 2026-11-23T10:00:00+01:00.") % {"where": self.at(name)}
        )

    def packed(self, name: str, most: int) -> bytes:
        """Bytes in base64, at most `most` of them."""
        given = self._value.get(name)
        wrong = Unparseable(
            _("“%(where)s” must be base64 of at most %(most)d bytes.") % {"where": self.at(name), "most": most}
        )
        if not isinstance(given, str) or len(given) > most * 4 // 3 + 4:
            raise wrong
        try:
            content = base64.b64decode(given, validate=True)
        except (ValueError, binascii.Error):
            raise wrong from None
        if len(content) > most:
            raise wrong
        return content

    def nested(self, name: str) -> Fields:
        return Fields(self._value.get(name), self.at(name))

    def each(self, name: str, most: int) -> list[Fields]:
        """The objects of a list; none where it is absent."""
        given = self._value.get(name, [])
        if not isinstance(given, list) or len(given) > most:
            raise Unparseable(
                _("“%(where)s” must be a list of at most %(most)d objects.") % {"where": self.at(name), "most": most}
            )
        return [Fields(value, f"{self.at(name)}[{index}]") for index, value in enumerate(given)]


def clean(text: str) -> str:
    """Drop NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def shown(name: str) -> str:
    """A field's name as somebody else wrote it, fit for a sentence."""
    printable = "".join(char for char in clean(name) if char.isprintable())
    return printable[:40] or "?"
