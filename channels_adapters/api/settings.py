"""What an administrator sets for one program."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from channels_adapters.contract import setting


@dataclass(frozen=True, kw_only=True)
class Settings:
    secret: str = setting(
        label=_("Secret"),
        help=_("Signs what the program sends us and what we send it. At least 24 characters, known to both only."),
        default="",
        secret=True,
    )
    callback_url: str = setting(
        label=_("Address for answers"),
        help=_("Our answers are posted here, as https://… Empty: the program can send, but not be answered."),
        default="",
    )
    lookup: bool = setting(
        label=_("The program can tell what it received"),
        help=_("After a lost answer we ask it by GET with ?key=… instead of leaving the message as “perhaps sent”."),
        default=False,
    )
