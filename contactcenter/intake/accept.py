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
    Event,
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
from crm import writing

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 8
# Doors whose other side shows a message as sent, and forgets it, only after our answer: storing needs no commit of its
# own there. Elsewhere a delivery that kills the process must be found in the books.
ASKED_AGAIN = frozenset({"socket"})
FIRST_LOOK = timedelta(seconds=30)  # how long the door itself may take before the sweeper helps
REASON = 300
State = RawDelivery.State


@dataclass(frozen=True)
class Answer:
    response: RawResponse
    outcomes: list[Outcome]
    fresh: bool  # False = this very delivery was here before
    at: datetime  # when it reached us


class _HereBefore(Exception):
    """This very delivery was stored already; looking again for copies of its message is of no use."""


def accept(account: ChannelAccount, raw: RawRequest) -> Answer:
    """Take one raw item in. Raises `contract.Untrusted` before anything is stored; nothing else escapes once it is."""
    adapter = account.adapter
    adapter.verify(raw)
    key, at = adapter.delivery_key(raw)[:200], timezone.now()
    if raw.door in ASKED_AGAIN and (outcome := _at_once(account, key, raw, at)):
        return Answer(adapter.acknowledge([outcome]), [outcome], fresh=True, at=at)
    delivery, fresh = _store(account, key, raw, at)
    outcomes = process(delivery, adapter) if fresh else _repeated(delivery)
    return Answer(adapter.acknowledge(outcomes), outcomes, fresh=fresh, at=delivery.received_at)


def _store(account: ChannelAccount, key: str, raw: RawRequest, at: datetime) -> tuple[RawDelivery, bool]:
    """Commit the item under its unique key, by itself: whatever happens next, the words are safe."""
    try:
        return _write(account, key, raw, at, next_attempt_at=at + FIRST_LOOK), True
    except IntegrityError:
        return RawDelivery.objects.get(account=account, key=key), False


def _write(account: ChannelAccount, key: str, raw: RawRequest, at: datetime, **state: Any) -> RawDelivery:
    delivery = RawDelivery(
        account=account, key=key, door=raw.door, method=raw.method, url=raw.url, headers=dict(raw.headers),
        form={name: list(values) for name, values in raw.form.items()},
        sender=[raw.sender.scheme, raw.sender.value, raw.sender.name] if raw.sender else [],
        body=raw.body, received_at=at, **state,
    )  # fmt: skip
    writing.insert(delivery)
    return delivery


def _at_once(account: ChannelAccount, key: str, raw: RawRequest, at: datetime) -> Outcome | None:
    """Store an item of one event and what it means in one transaction: all of it is true, or nothing.

    None, with nothing written, where it isn't that simple or anything goes wrong: the item then takes the way of every
    other door, stored first, and what went wrong is met and told there.
    """

    def store(outcome: Outcome) -> None:
        try:
            _write(account, key, raw, at, state=State.PROCESSED, **_processed([outcome]))
        except IntegrityError:
            raise _HereBefore from None

    try:
        parsed = account.adapter.parse(raw)
        return receive.receive(account=account, event=parsed[0], at=at, along=store) if len(parsed) == 1 else None
    except Exception:  # noqa: BLE001  (whatever it was, it comes again once the words are stored)
        return None


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
        return _understand(delivery, account, adapter.parse(delivery.raw))
    except Unparseable as error:
        _mark(delivery, State.UNDELIVERABLE, error=str(error)[:REASON], next_attempt_at=None)
        log.info("delivery.undeliverable", account=account.slug, delivery=delivery.pk)
        return [Undeliverable(str(error))]
    except Exception as error:  # noqa: BLE001  (whatever went wrong, the words are stored and will be tried again)
        _postpone(delivery, error)
        return [Stored()]


def _understand(delivery: RawDelivery, account: ChannelAccount, parsed: Sequence[Event]) -> list[Outcome]:
    """The delivery is marked as processed in the transaction of its last event."""
    at = delivery.received_at
    outcomes = [receive.receive(account=account, event=event, at=at) for event in parsed[:-1]]

    def mark(outcome: Outcome) -> None:
        _mark(delivery, State.PROCESSED, **_processed([*outcomes, outcome]))

    if parsed:
        outcomes.append(receive.receive(account=account, event=parsed[-1], at=at, along=mark))
    else:
        _mark(delivery, State.PROCESSED, **_processed([]))
    return outcomes


def _processed(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {"outcomes": _stored(outcomes), "processed_at": timezone.now(), "error": "", "next_attempt_at": None}


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
    writing.send(writing.update(delivery, "state", *fields))


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
