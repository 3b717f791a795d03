"""One agent of the matching bench, as a process: `python -m tests.bench.claimer ours|bare USER`. Starts when a line comes in."""

import json
import sys
import time
from collections.abc import Callable

import django

WARM = 8  # takes before the race; PostgreSQL settles on the plan of a prepared statement after five
BARE = """
UPDATE bare_claim SET owner = %s WHERE id = (
    SELECT id FROM bare_claim WHERE owner IS NULL ORDER BY queued_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""


def ours(user_id: int) -> Callable[[], bool]:
    from contactcenter.queues import work_items
    from crm.models import User

    user = User.objects.get(pk=user_id)
    return lambda: work_items.take_next(actor=user) is not None


def bare(user_id: int) -> Callable[[], bool]:
    from django.db import connection

    cursor = connection.cursor()

    def take() -> bool:
        cursor.execute(BARE, [user_id])
        return cursor.fetchone() is not None

    return take


if __name__ == "__main__":
    django.setup()
    take = {"ours": ours, "bare": bare}[sys.argv[1]](int(sys.argv[2]))
    for _first in range(WARM):  # as in a process that has been at work for a while: connected, loaded, planned
        take()
    print("ready", flush=True)
    sys.stdin.readline()
    began, taken = time.time(), 0
    while take():
        taken += 1
    print(json.dumps([began, time.time(), taken]), flush=True)
