"""When things happened. Pure: the same moment gives the same week, and nothing is left to chance."""

import hashlib
from bisect import bisect_left
from datetime import datetime, timedelta

from contactcenter.sla.calendars import Calendar, Week

STEP = timedelta(minutes=5)
WAKING_HOURS: Week = {day: [["07:00", "22:30"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def spread(key: str, low: float, high: float) -> float:
    """A number between the two that looks like chance and is always the same for a key."""
    digest = hashlib.sha256(key.encode()).digest()
    return low + (high - low) * int.from_bytes(digest[:6], "big") / 2**48


class Hours:
    """The opening hours between two instants, in steps of five minutes."""

    def __init__(self, calendar: Calendar, first: datetime, last: datetime) -> None:
        count = int((last - first) / STEP)
        self.ticks = [tick for n in range(count) if calendar.is_open(tick := first + n * STEP)]

    def place(self, number: int, of: int, key: str) -> datetime:
        """The instant of the `number`th of so many things that spread evenly over the hours."""
        share = (number + spread(f"{key} place", 0, 1)) / of
        tick = self.ticks[min(int(share * len(self.ticks)), len(self.ticks) - 1)]
        return tick + timedelta(seconds=spread(f"{key} seconds", 0, STEP.total_seconds()))

    def later(self, at: datetime, minutes: float) -> datetime:
        """So many opening minutes after an instant; beyond the last hour plain minutes count."""
        start = bisect_left(self.ticks, at - STEP)
        if start < len(self.ticks):
            at = max(at, self.ticks[start])
        steps, rest = divmod(minutes, STEP.total_seconds() / 60)
        end = start + int(steps)
        if end >= len(self.ticks):
            return at + timedelta(minutes=minutes)
        return max(at, self.ticks[end]) + timedelta(minutes=rest)
