"""Furnishes a bench's house, as a program of its own: the town, and the tables of the ceilings."""

import django
from django.db import connection


def bare_tables() -> None:
    from tests.bench.bare.models import TABLES

    with connection.schema_editor() as editor:
        for model in TABLES:
            editor.create_model(model)


def full_settings() -> None:
    """What an office would switch on for its mail."""
    from contactcenter.accounts.models import ChannelAccount

    text = "Gentile {office}, abbiamo ricevuto la sua richiesta “{subject}” del {date}. Pratica {number}."
    ChannelAccount.objects.filter(slug="mail").update(opens_case=True, acknowledgements={"it": text, "en": text})


if __name__ == "__main__":
    django.setup()
    from tests.crash.furnish import town

    town()
    bare_tables()
    full_settings()
    print("{}")
