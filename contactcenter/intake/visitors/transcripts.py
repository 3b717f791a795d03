"""The conversation as a letter to its citizen. Asked for on the page, capped, sent by the office's mail account."""

from email.headerregistry import Address as MailAddress

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from channels_adapters.contract import Address, Said
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import caps
from contactcenter.intake.caps import Cap
from contactcenter.intake.visitors import conversation, limits
from contactcenter.intake.visitors.models import VisitorSession
from contactcenter.outbox import letters

LONGEST = 2000  # messages


class CannotSend(Exception):
    """Says why, to the citizen."""


def send(*, session: VisitorSession, to: str, source: str) -> None:
    """Put the transcript into the outbox, in the active language. Raises `CannotSend` and `caps.TooMany`."""
    mail = _address(to)
    account = _mail_account(session)
    now = conversation.situation(session)
    if not now.pk:
        raise CannotSend(_("There is no conversation to send yet."))
    caps.caps(
        Cap(f"transcript:{now.conversation}", *limits.TRANSCRIPTS_PER_CONVERSATION),
        Cap(f"transcript:{source}", *limits.TRANSCRIPTS_PER_SOURCE),
        Cap(f"transcript:to:{mail.value}", *limits.TRANSCRIPTS_PER_RECEIVER),
        Cap(f"transcript:account:{session.account.slug}", *limits.TRANSCRIPTS_PER_ACCOUNT),
    )
    said = conversation.said(session, now, after=0, most=LONGEST)
    letters.post(
        account=account,
        to=mail,
        subject=_("Your conversation with %(office)s") % {"office": session.account.name},
        text=_letter(session.account, said),
        language=session.language,
    )


def _address(text: str) -> Address:
    value = text.strip().lower()
    try:
        validate_email(value)
        MailAddress(addr_spec=value)
    except (ValidationError, ValueError, IndexError):
        raise CannotSend(_("Write your e-mail address in full, as in anna@example.org.")) from None
    return Address("mailto", value)


def _mail_account(session: VisitorSession) -> ChannelAccount:
    account = session.account.reply_through
    if account is None or not account.enabled or not account.adapter.can_reach("mailto"):
        raise CannotSend(_("This office can't send e-mail from the chat yet. Copy the conversation from this page."))
    return account


def _letter(account: ChannelAccount, said: list[Said]) -> str:
    opening = _("This is your conversation with %(office)s, as you asked.") % {"office": account.name}
    return "\n\n".join([opening, *map(_paragraph, said)]) + "\n"


def _paragraph(said: Said) -> str:
    when = formats.date_format(timezone.localtime(said.at), "SHORT_DATETIME_FORMAT")
    who = _("You") if said.mine else said.author or _("The office")
    lines = [f"{when} · {who}", *([said.text] if said.text else [])]
    return "\n".join(lines + [_("File: %(name)s") % {"name": file.name} for file in said.files])
