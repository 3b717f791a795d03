"""A real SMTP server in this process: keeps what it was given, and misbehaves where a test asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.channels_adapters.email.imap_servers import free_port


def content(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content


@dataclass
class PostOffice:
    """`answers` maps a step (MAIL, RCPT, DATA) or a recipient to what the server says; "hang up" breaks the line."""

    port: int = field(default_factory=free_port)
    answers: dict[str, str] = field(default_factory=dict)
    password: str = ""  # set: a login is asked for, and only this one fits
    envelopes: list[Envelope] = field(default_factory=list)
    controller: Any = None

    def open(self) -> PostOffice:
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, auth_require_tls=False, authenticator=self._let_in
        )
        self.controller.start()
        return self

    def close(self) -> None:
        self.controller.stop()

    @property
    def mails(self) -> list[EmailMessage]:
        return [BytesParser(EmailMessage, policy=default).parsebytes(content(found)) for found in self.envelopes]

    def settings(self, **more: Any) -> dict[str, Any]:
        return {"sending": "own", "smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": "none", **more}

    # --- what aiosmtpd calls ---

    def _let_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=given.password == self.password.encode(), handled=False)

    def _answer(self, server: SMTP, *steps: str) -> str:
        answer = next((self.answers[step] for step in steps if step in self.answers), "")
        if answer == "hang up":
            server.transport.abort()
        return answer

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._answer(server, "MAIL") or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._answer(server, address, "RCPT")
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._answer(server, "DATA")
        if not answer or answer == "hang up":
            self.envelopes.append(envelope)
        return answer or "250 OK"


def post_office(**values: Any) -> PostOffice:
    return PostOffice(**values).open()
