"""Reading a request's JSON: one object, in UTF-8, of a bounded size, or a sentence."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_BODY = 1024 * 1024  # bytes


class TooLarge(APIException):
    status_code = 413
    default_code = "too-large"


class Json(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise TooLarge(_("The body is larger than 1 MB. Send less at once."))
        try:
            value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise ParseError(_("The body is not JSON in UTF-8. Correct it and send it again.")) from None
        if not isinstance(value, dict):
            raise ParseError(_("The body must be one JSON object."))
        return value


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are not JSON
