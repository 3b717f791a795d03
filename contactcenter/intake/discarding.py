"""What arrived and is nobody's concern (spam, a provider's test): put aside by a person, who says why."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.intake.models import RawDelivery
from crm import audit
from crm.access import require
from crm.models import User

WHY = 200  # characters


class NotDiscarded(Exception):
    """Why this item can't be discarded; a sentence for whoever wanted to."""


def discard(*, delivery: RawDelivery, actor: User, why: str) -> None:
    """An undeliverable item is settled. Its bytes stay for `KEEP_DELIVERIES_DAYS`, until then it can be replayed.

    Raises `Forbidden`, `NotDiscarded` where no reason is given or somebody else was quicker.
    """
    require(actor, "delivery.discard")
    reason = " ".join(why.replace("\x00", "").split())[:WHY]
    if not reason:
        raise NotDiscarded(_("Say why this is discarded: whoever looks at it later should understand."))
    with transaction.atomic():
        taken = RawDelivery.objects.filter(pk=delivery.pk, state=RawDelivery.State.UNDELIVERABLE).update(
            state=RawDelivery.State.DISCARDED, discarded_why=reason, processed_at=timezone.now(), next_attempt_at=None
        )
        if not taken:
            raise NotDiscarded(_("This item isn't undeliverable any more. Look at it again."))
        audit.record("delivery.discarded", subject=f"delivery:{delivery.pk}", actor=actor, purpose=reason)
    delivery.refresh_from_db()
