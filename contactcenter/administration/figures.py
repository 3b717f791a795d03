"""The house in figures, for Prometheus. Labels are slugs and states, never people."""

from collections.abc import Collection, Iterable, Iterator

from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from contactcenter.administration import backlog
from contactcenter.intake.models import RawDelivery
from contactcenter.intake.sweep import HANDLED
from contactcenter.outbox.models import OutboxItem

CONTENT_TYPE = CONTENT_TYPE_LATEST


def as_text() -> bytes:
    """Asked of the database at this moment: every web process gives the same answer."""
    registry = CollectorRegistry()
    registry.register(House())
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class House(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _by("sportello_queue_waiting", "Contacts that wait for an agent", "queue", backlog.waiting_by_queue())
        outbox = {**dict.fromkeys(_unfinished(OutboxItem.State.values, {"done"}), 0), **backlog.outbox_by_state()}
        yield _by("sportello_outbox_items", "What has not left yet", "state", outbox)
        deliveries = _unfinished(RawDelivery.State.values, set(HANDLED))
        stored = {**dict.fromkeys(deliveries, 0), **backlog.deliveries_by_state()}
        yield _by("sportello_deliveries", "What arrived and is not understood yet", "state", stored)
        oldest = backlog.oldest_waiting()
        age = (timezone.now() - oldest).total_seconds() if oldest else 0
        yield GaugeMetricFamily("sportello_outbox_oldest_seconds", "Age of the oldest item that must leave", value=age)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()  # registering must not ask the database


def _unfinished(states: list[str], ends: Collection[str]) -> list[str]:
    return [state for state in states if state not in ends]


def _by(name: str, words: str, label: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family
