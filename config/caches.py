"""The shared cache of both modes. Besides what Django asks of one, each counts several things at once.

Public doors count every message for its sender, its source and its account: one trip to the broker instead of six.
"""

from collections.abc import Mapping
from typing import Any

from django.core.cache.backends import locmem, redis


class OneProcessCache(locmem.LocMemCache):
    def count(self, names: Mapping[str, int]) -> list[int]:
        """One more for each of these; `names` with the seconds that a count which begins now is kept. Gives the counts."""
        return [self._one_more(name, seconds) for name, seconds in names.items()]

    def _one_more(self, name: str, seconds: int) -> int:
        if self.add(name, 1, seconds):
            return 1
        try:
            return self.incr(name)
        except ValueError:  # it ran out between the two
            return 1


class _Client(redis.RedisCacheClient):
    """Django makes a client of redis-py for every command, which costs more than the command does."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._made: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """There is one server, so one for writing and one for reading."""
        if write not in self._made:
            self._made[write] = super().get_client(key, write=write)
        return self._made[write]

    def count(self, names: Mapping[str, int]) -> list[int]:
        together = self.get_client(write=True).pipeline(transaction=False)
        for name, seconds in names.items():
            together.set(name, 0, ex=seconds, nx=True)
            together.incr(name)
        return [int(count) for count in together.execute()[1::2]]


class RedisCache(redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client

    def count(self, names: Mapping[str, int]) -> list[int]:
        """As `OneProcessCache.count`."""
        counts: list[int] = self._cache.count(  # type: ignore[attr-defined]  # our `_Client`
            {self.make_and_validate_key(name): seconds for name, seconds in names.items()}
        )
        return counts
