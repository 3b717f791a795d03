"""The post between a newcomer's mailbox and the office: the office's mail comes by SMTP, theirs goes through the real door."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters.contract import RawRequest
from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.demo_street import letters
from contactcenter.demo_street.boxes import Box
from contactcenter.demo_street.letters import Enclosure, Letter
from contactcenter.demo_street.models import DemoMail
from contactcenter.intake.accept import accept

OFFICE = "mail"  # slug of the town's mailbox
KEPT_MAILS = 500
KEPT_FOR = timedelta(days=7)
MOST_RECEIVERS = 20


class NotSent(Exception):
    """Why a mail could not be sent, as a sentence."""


def office() -> ChannelAccount:
    """Raises `NotSent` where an administrator removed or closed the town's mailbox."""
    try:
        return accounts.find(OFFICE)
    except accounts.Disabled:
        raise NotSent(_("The town's mailbox is closed. An administrator can open it again in the settings.")) from None


def office_address() -> str:
    return str(office().settings.get("address", ""))


def send(
    *, box: Box, subject: str, text: str, answered: Letter | None = None, enclosure: Enclosure | None = None
) -> DemoMail:
    """Write a mail to the office and hand it over, as a mail server would. Raises `NotSent`.

    `answered`: the mail of the office that this one replies to.
    """
    account = office()
    now = timezone.localtime()
    to = answered.answer_to if answered else str(account.settings.get("address", ""))
    raw = letters.compose(
        box=box, to=to, subject=subject, text=text, at=now, answered=answered, enclosure=enclosure
    )  # fmt: skip
    kept = DemoMail.objects.create(box=box.address, from_office=False, raw=raw, at=now, seen=True)
    accept(account, RawRequest(door="hand", body=raw))
    return kept


def arrive(*, receivers: Iterable[str], raw: bytes) -> int:
    """Put a mail of the office into the boxes of its receivers; returns how many. Old ones make room."""
    now = timezone.now()
    boxes = list(dict.fromkeys(address.strip().lower()[:320] for address in receivers))[:MOST_RECEIVERS]
    with transaction.atomic():
        DemoMail.objects.bulk_create(DemoMail(box=box, from_office=True, raw=raw, at=now) for box in boxes)
        _make_room()
    return len(boxes)


def _make_room() -> None:
    newest = DemoMail.objects.order_by("-id").values_list("id", flat=True).first() or 0
    DemoMail.objects.filter(id__lte=newest - KEPT_MAILS).delete()
    DemoMail.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
