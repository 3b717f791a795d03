"""The e-mail channel: says what it can do and hands on to the files beside it."""

from __future__ import annotations

import threading
from typing import ClassVar

from django.utils.translation import gettext as _, gettext_lazy

from channels_adapters import contract
from channels_adapters.contract import Abilities, Event, Outbound, RawRequest, Receipt, SendError, Untrusted
from channels_adapters.email import composing, health, mailbox, parsing, sending
from channels_adapters.email.settings import Settings as MailSettings


class Adapter(contract.Adapter):
    """Mail in by IMAP or by hand, out by SMTP or whatever Django's mail settings name."""

    kind = "email"
    label = gettext_lazy("E-mail")
    abilities: ClassVar[Abilities] = Abilities(
        family="written",
        doors=frozenset({"poll", "hand"}),
        reaches=frozenset({"mailto"}),
        icon="mail",
        subject=True,
        starts=True,
        html=True,
        files=True,
        acknowledges=True,
        listens=True,
        repeatable=True,  # the Message-ID is fixed before the first attempt: a repeat after a crash is the same mail
        max_length=100_000,
        max_files=20,
    )
    Settings = MailSettings
    settings: MailSettings

    _next_uid = ""  # what the mailbox was about to give when we last looked

    def verify(self, raw: RawRequest) -> None:
        """We fetched it ourselves, or somebody with a shell on this machine handed it in. Who wrote it is a claim."""
        if raw.door not in self.abilities.doors:
            raise Untrusted(_("Mail comes in from the mailbox or by hand, through no other door."))

    def parse(self, raw: RawRequest) -> list[Event]:
        return parsing.events(raw, self.settings, self.account)

    def poll(self, cursor: str) -> tuple[list[RawRequest], str]:
        """See the contract. Without an IMAP server there is nothing to fetch."""
        return mailbox.poll(self.settings, cursor) if self.settings.imap_host else ([], cursor)

    def listen(self, seconds: float) -> bool:
        """See the contract. A server without IDLE is asked again after the whole wait."""
        if not self.settings.imap_host:
            threading.Event().wait(seconds)
            return False
        try:
            news, self._next_uid = mailbox.has_news(self.settings, seconds, self._next_uid)
        except SendError:
            threading.Event().wait(seconds)  # a server that is down is not to be knocked at without pause
            raise
        if news is None:
            threading.Event().wait(seconds)
        return news is not False

    def assign_id(self, key: str) -> str:
        return composing.message_id(key, self.settings)

    def send(self, outbound: Outbound) -> Receipt:
        return sending.send(outbound, self.settings, self.account.name)

    def check(self) -> list[str]:
        return health.problems(self.settings)
