import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from contactcenter.intake import caps

NINE = dt.datetime(2026, 11, 23, 9, 0, 10, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NINE, tick=False) as coordinates:
        yield coordinates


def take(times: int, key: str = "form:192.0.2.1") -> None:
    for _time in range(times):
        caps.cap(key, 3, 60)


def test_one_too_many_learns_when_to_come_back() -> None:
    take(3)
    with pytest.raises(caps.TooMany) as caught:
        take(1)
    assert caught.value.retry_after == 50
    assert str(caught.value).endswith(".")


def test_next_window_begins_at_zero(clock: time_machine.Traveller) -> None:
    take(3)
    clock.shift(51)
    take(3)


def test_one_source_doesn_t_use_up_another_s() -> None:
    take(3)
    take(3, "form:192.0.2.2")


def test_caps_can_be_switched_off_for_measuring(settings: Any) -> None:
    settings.CAPS_ENABLED = False
    take(50)


def test_nobody_behind_a_proxy_can_pretend_to_be_somebody_else(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert caps.source_of("10.0.0.1", "203.0.113.9, 198.51.100.7") == "198.51.100.7"


def test_without_a_proxy_what_a_header_says_doesn_t_count(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    assert caps.source_of("198.51.100.7", "203.0.113.9") == "198.51.100.7"
