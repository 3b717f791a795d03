"""What an administrator says about one mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from channels_adapters.contract import setting
from channels_adapters.email.addresses import Ours

SECURITY = ("ssl", "starttls", "none")


@dataclass(frozen=True)
class Settings:
    address: str = setting(label=_("Address"), help=_("Citizens write here and answers come from here."))
    aliases: tuple[str, ...] = setting(
        label=_("Other addresses of ours"),
        help=_("Mail to these reaches the same mailbox. Mail from them is never answered automatically."),
        default=(),
    )
    display_name: str = setting(
        label=_("Name of the office"), help=_("Shown to citizens as the sender. Empty: the account's name."), default=""
    )
    imap_host: str = setting(
        label=_("IMAP server"), help=_("Empty: nothing is fetched, mail is only handed in."), default=""
    )
    imap_port: int = setting(label=_("IMAP port"), default=993)
    imap_security: str = setting(label=_("IMAP encryption"), default="ssl", choices=SECURITY)
    imap_user: str = setting(label=_("IMAP user"), default="")
    imap_password: str = setting(label=_("IMAP password"), default="", secret=True)
    imap_folder: str = setting(label=_("Folder to fetch from"), default="INBOX")
    after_fetch: str = setting(
        label=_("After fetching"),
        help=_("“leave” changes nothing in the mailbox; “move” puts stored mail into the folder below."),
        default="leave",
        choices=("leave", "move"),
    )
    move_to: str = setting(label=_("Folder for stored mail"), default="Sportello")
    max_size: int = setting(
        label=_("Largest mail, in MB"),
        help=_("Of a larger one only the header is fetched; agents see that."),
        default=30,
    )
    sending: str = setting(
        label=_("Send through"),
        help=_("“installation” uses the mail settings of this installation; “own” the SMTP server below."),
        default="installation",
        choices=("installation", "own"),
    )
    smtp_host: str = setting(label=_("SMTP server"), default="")
    smtp_port: int = setting(label=_("SMTP port"), default=587)
    smtp_security: str = setting(label=_("SMTP encryption"), default="starttls", choices=SECURITY)
    smtp_user: str = setting(label=_("SMTP user"), default="")
    smtp_password: str = setting(label=_("SMTP password"), default="", secret=True)
    envelope: str = setting(
        label=_("Bounces return to"),
        help=_("“address” is the address above; “tag” adds the case's tag, where the server delivers such addresses."),
        default="address",
        choices=("address", "tag"),
    )
    empty_envelope: bool = setting(
        label=_("Automatic mail without return address"),
        help=_("The standard asks for it (RFC 3834), but some servers refuse it. Only with an SMTP server."),
        default=False,
    )
    tag_delimiter: str = setting(
        label=_("Tag delimiter"),
        help=_("Between the address and the case's tag, as the mail server understands it."),
        default="+",
        choices=("+", "-", "="),
    )
    authserv_id: str = setting(
        label=_("Name of our border mail server"),
        help=_("As in its Authentication-Results fields. Empty: no sender counts as proven."),
        default="",
    )

    @cached_property
    def ours(self) -> Ours:
        return Ours.of(self.address, self.aliases, self.tag_delimiter)

    @property
    def max_bytes(self) -> int:
        return self.max_size * 1024 * 1024
