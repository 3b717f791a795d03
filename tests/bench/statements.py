"""Counts what one webhook asks of the database, from the view on: `python -m tests.bench.statements`."""

import json

import django
from django.db import connection
from django.test.utils import CaptureQueriesContext

CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def counted(raw: bytes) -> tuple[int, int]:
    """Statements that ask or change something, and all with those that only begin and end transactions."""
    from django.test import RequestFactory

    from contactcenter.intake.webhook import webhook

    head, _, body = raw.partition(b"\r\n\r\n")
    lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    headers = {name: value for name, value in lines if name.startswith(("Sportello", "Host"))}
    request = RequestFactory().post("/hooks/program/", data=body, content_type="application/json", headers=headers)
    with CaptureQueriesContext(connection) as asked:
        assert webhook(request, "program").status_code == 200
    real = [query for query in asked.captured_queries if not query["sql"].startswith(CONTROL)]
    return len(real), len(asked.captured_queries)


if __name__ == "__main__":
    django.setup()
    from tests.bench.webhook import message, signed

    told = {}
    told["warm-up"] = counted(signed("", message(900_000, "warm")))
    told["stranger"] = counted(signed("", message(900_001, "nobody-yet")))
    told["follow-up"] = counted(signed("", message(900_002, "nobody-yet")))
    print(json.dumps(told))
