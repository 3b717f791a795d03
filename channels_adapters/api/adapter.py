"""The channel for an office's own programs: a web form, a service desk, a kiosk. README.md is the protocol."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext as _, gettext_lazy

from channels_adapters import contract
from channels_adapters.api import reading, signature, writing
from channels_adapters.api.settings import Settings
from channels_adapters.contract import (
    Abilities,
    Event,
    Outbound,
    Outcome,
    RawRequest,
    RawResponse,
    Receipt,
    SendError,
    Unsupported,
)
from channels_adapters.http import Answer, AnswerTooLarge, FetchFailed, FetchRefused, fetch, signed_headers

SECRET_LENGTH = 24  # characters
ANSWER_SIZE = 64 * 1024  # bytes: we read an id and no more
TIMEOUT = 20.0  # seconds
LATER = {408, 425, 429}  # the 4xx that mean "not now"


class Adapter(contract.Adapter):
    kind = "api"
    label = gettext_lazy("Program")
    Settings = Settings
    abilities = Abilities(
        family="written",
        doors=frozenset({"webhook", "hand"}),
        # "external" = people this program knows by an id of its own; mail addresses and numbers it reaches in its way.
        reaches=frozenset({"external", "mailto", "tel"}),
        icon="program",
        subject=True,
        files=True,
        repeatable=True,  # the protocol: whoever has seen a key has the message
        max_length=20_000,
    )

    def verify(self, raw: RawRequest) -> None:
        signature.check(raw, self.settings.secret)

    def delivery_key(self, raw: RawRequest) -> str:
        """What was signed, and nothing else: a captured delivery sent again has the same key, whatever its headers."""
        signed = raw.headers.get("sportello-timestamp", "").encode() + b"." + raw.body
        return hashlib.sha256(signed).hexdigest()

    def parse(self, raw: RawRequest) -> list[Event]:
        return reading.events(raw.body, self.account.slug)

    def acknowledge(self, outcomes: Sequence[Outcome]) -> RawResponse:
        return writing.acknowledgement(outcomes)

    def send(self, outbound: Outbound) -> Receipt:
        body = writing.message(outbound)
        headers = {"Content-Type": "application/json", "Idempotency-Key": outbound.key}
        answer = self._ask("POST", self._callback(), body, {**headers, **self._signed(body)})
        if 200 <= answer.status < 300:
            return Receipt(external_id=_given_id(answer) or outbound.key)
        permanent = 400 <= answer.status < 500 and answer.status not in LATER
        raise SendError(_refusal(answer.status), permanent=permanent)

    def find(self, outbound: Outbound) -> Receipt | None:
        """GET callback_url?key=…, signed over the key. 2xx: it has it; 404: it hasn't."""
        if not self.settings.lookup:
            raise Unsupported(_("This program can't be asked what it received."))
        callback = self._callback()
        url = f"{callback}{'&' if urlsplit(callback).query else '?'}{urlencode({'key': outbound.key})}"
        answer = self._ask("GET", url, b"", self._signed(outbound.key.encode()))
        if 200 <= answer.status < 300:
            return Receipt(external_id=_given_id(answer) or outbound.key)
        if answer.status == 404:
            return None
        raise SendError(_refusal(answer.status))

    def check(self) -> list[str]:
        wrong = []
        if len(self.settings.secret) < SECRET_LENGTH:
            wrong.append(
                _("The secret has fewer than %(n)d characters, or none is set. Set a longer one.")
                % {"n": SECRET_LENGTH}
            )
        return wrong

    def can_reach(self, scheme: str) -> bool:
        """A program without an address for answers only tells us things."""
        return bool(self.settings.callback_url) and super().can_reach(scheme)

    def _callback(self) -> str:
        if not self.settings.callback_url:
            raise SendError(
                _("This channel has no address for answers. An administrator can enter one in its settings."),
                permanent=True,
            )
        return str(self.settings.callback_url)

    def _signed(self, content: bytes) -> dict[str, str]:
        """Raise `SendError` without a secret: nothing leaves that can't be proved to be ours."""
        if not self.settings.secret:
            raise SendError(
                _("This channel has no secret, so nothing is sent. An administrator can set one in its settings."),
                permanent=True,
            )
        return signed_headers(self.settings.secret, content)

    def _ask(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """One exchange; the address is the administrator's own, so it may lie inside where the installation says so."""
        try:
            return fetch(
                method, url, headers=headers, body=body, timeout=TIMEOUT, max_bytes=ANSWER_SIZE, allow_private=True
            )
        except AnswerTooLarge as error:
            return Answer(error.status, {}, b"", url)  # taken, or not: the status says it; the rest isn't for us
        except FetchRefused as error:
            raise SendError(error.reason, permanent=True) from error
        except FetchFailed as error:
            raise SendError(error.reason, ambiguous=error.ambiguous) from error


def _given_id(answer: Answer) -> str:
    """The id in the answer, where it is JSON that has one; what a program says besides is its own business."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) and found.isprintable() and len(found) <= 500 else ""


def _refusal(status: int) -> str:
    return _("The program answered with status %(status)d.") % {"status": status}
