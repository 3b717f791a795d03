"""The way in, the same for every door: verify, store, only then understand and acknowledge."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_adapters import contract
from channels_adapters.contract import (
    Duplicate,
    Outcome,
    RawRequest,
    RawResponse,
    Stored,
    Undeliverable,
    Unparseable,
)  # fmt: skip
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import receive
from contactcenter.intake.models import RawDelivery

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 8
FIRST_LOOK = timedelta(seconds=30)  # how long the door itself may take before the sweeper helps
REASON = 300
State = RawDelivery.State


@dataclass(frozen=True)
class Answer:
    response: RawResponse
    outcomes: list[Outcome]
    fresh: bool  # False = this very delivery was here before


def accept(account: ChannelAccount, raw: RawRequest) -> Answer:
    """Take one raw item in. Raises `contract.Untrusted` before anything is stored; nothing else escapes once it is."""
    adapter = account.adapter
    adapter.verify(raw)
    delivery, fresh = _store(account, adapter.delivery_key(raw), raw)
    outcomes = process(delivery, adapter) if fresh else _repeated(delivery)
    return Answer(response=adapter.acknowledge(outcomes), outcomes=outcomes, fresh=fresh)


def _store(account: ChannelAccount, key: str, raw: RawRequest) -> tuple[RawDelivery, bool]:
    """Commit the item under its unique key, by itself: whatever happens next, the words are safe."""
    now = timezone.now()
    try:
        return RawDelivery.objects.create(
            account=account, key=key[:200], door=raw.door, method=raw.method, url=raw.url,
            headers=dict(raw.headers), form={name: list(values) for name, values in raw.form.items()},
            sender=[raw.sender.scheme, raw.sender.value, raw.sender.name] if raw.sender else [],
            body=raw.body, received_at=now, next_attempt_at=now + FIRST_LOOK,
        ), True  # fmt: skip
    except IntegrityError:
        return RawDelivery.objects.get(account=account, key=key[:200]), False


def _repeated(delivery: RawDelivery) -> list[Outcome]:
    """What the first one was answered, told again as a duplicate."""
    if delivery.state in {State.UNDELIVERABLE, State.DISCARDED}:
        return [Undeliverable(delivery.error)]
    known = [_outcome(stored) for stored in delivery.outcomes]
    return [
        Duplicate(outcome.interaction, outcome.seq, outcome.client_id)
        if isinstance(outcome, contract.Recorded)
        else outcome
        for outcome in known
    ] or [Stored()]


def _outcome(stored: dict[str, Any]) -> Outcome:
    fields = dict(stored)
    made: Outcome = getattr(contract, fields.pop("type"))(**fields)
    return made


def _stored(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    return [{"type": type(outcome).__name__, **asdict(outcome)} for outcome in outcomes]


def process(delivery: RawDelivery, adapter: contract.Adapter) -> list[Outcome]:
    """Understand a stored item, each event in its own transaction. A failure leaves it stored and marked."""
    account = delivery.account
    try:
        parsed = adapter.parse(delivery.raw)
        outcomes = [receive.receive(account=account, event=event, at=delivery.received_at) for event in parsed]
    except Unparseable as error:
        _mark(delivery, State.UNDELIVERABLE, error=str(error)[:REASON], next_attempt_at=None)
        log.info("delivery.undeliverable", account=account.slug, delivery=delivery.pk)
        return [Undeliverable(str(error))]
    except Exception as error:  # noqa: BLE001  (whatever went wrong, the words are stored and will be tried again)
        _postpone(delivery, error)
        return [Stored()]
    _mark(
        delivery,
        State.PROCESSED,
        outcomes=_stored(outcomes),
        processed_at=timezone.now(),
        error="",
        next_attempt_at=None,
    )
    return outcomes


def _postpone(delivery: RawDelivery, error: Exception) -> None:
    """Try again later, with growing pauses; after the last attempt an administrator sees it."""
    attempts = max(1, delivery.attempts)  # the sweeper has counted this attempt already
    log.exception("delivery.failed", delivery=delivery.pk, attempt=attempts, error=type(error).__name__)
    last = attempts >= MAX_ATTEMPTS
    _mark(
        delivery,
        State.UNDELIVERABLE if last else State.FAILED,
        attempts=attempts,
        error=f"{type(error).__name__}"[:REASON],
        next_attempt_at=None if last else timezone.now() + pause(attempts),
    )


def pause(attempts: int) -> timedelta:
    """10 s, 20 s, 40 s … about 20 minutes."""
    return timedelta(seconds=10 * 2 ** (attempts - 1))


def _mark(delivery: RawDelivery, state: str, **fields: Any) -> None:
    delivery.state = state
    for name, value in fields.items():
        setattr(delivery, name, value)
    RawDelivery.objects.filter(pk=delivery.pk).update(state=state, **fields)


def due(now: datetime) -> list[int]:
    rows = RawDelivery.objects.filter(state__in=[State.STORED, State.FAILED], next_attempt_at__lte=now)
    return list(rows.order_by("next_attempt_at").values_list("pk", flat=True)[:200])


def resume(pk: int) -> list[Outcome] | None:
    """Take a due delivery up again; None when another process did.

    The attempt is counted before it begins: what kills the process each time must come to an end, too.
    """
    now = timezone.now()
    taken = RawDelivery.objects.filter(pk=pk, state__in=[State.STORED, State.FAILED], next_attempt_at__lte=now).update(
        next_attempt_at=now + timedelta(minutes=5), attempts=F("attempts") + 1
    )
    if not taken:
        return None
    delivery = RawDelivery.objects.select_related("account__queue__office", "account__office").get(pk=pk)
    if delivery.attempts > MAX_ATTEMPTS:
        return _given_up(delivery)
    return process(delivery, delivery.account.adapter)


def _given_up(delivery: RawDelivery) -> list[Outcome]:
    sentence = _("Each attempt to understand this broke off. Look at it by hand before trying again.")
    _mark(delivery, State.UNDELIVERABLE, error=sentence, next_attempt_at=None, attempts=MAX_ATTEMPTS)
    log.warning("delivery.given_up", delivery=delivery.pk)
    return [Undeliverable(sentence)]


def replay(delivery: RawDelivery) -> list[Outcome]:
    """Try an item once more because a person asked, a discarded one too. What was recorded is not recorded twice."""
    adapter = delivery.account.adapter  # an account that can't be used leaves the item where it is
    due = timezone.now() + FIRST_LOOK  # should this process die over it, the sweeper finds it
    RawDelivery.objects.filter(pk=delivery.pk).update(
        state=State.STORED, attempts=0, next_attempt_at=due, discarded_why=""
    )
    delivery.refresh_from_db()
    return process(delivery, adapter)
