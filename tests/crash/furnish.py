"""Furnishes a house for the crash tests, as a program: `python -m tests.crash.furnish town | letters N | agent | answer T`."""

import os
import sys

import django

SECRET = "two-programs-share-this-in-tests"


def town() -> None:
    """One office, one agent, and three channels: a program, a chat, a mailbox."""
    from django.core.management import call_command

    from channels_adapters import registry
    from contactcenter.accounts import accounts
    from contactcenter.queues.models import Queue
    from crm.models import Grant, Office, User

    call_command("migrate", verbosity=0)
    office = Office.objects.create(slug="accoglienza", name="Accoglienza")
    queue = Queue.objects.create(slug="accoglienza", name="Accoglienza", office=office)
    anna = User.objects.create_user("anna", password="demo", first_name="Anna", last_name="Bianchi")
    Grant.objects.create(user=anna, role="agent", office=office)
    live = next(kind for kind, adapter in registry.adapters().items() if adapter.abilities.live)
    for slug, kind, settings in (
        ("program", "api", {"secret": SECRET}),
        ("comune", live, {}),
        ("mail", "email", {"address": "urp@roccaverde.example"}),
    ):
        accounts.create(slug=slug, kind=kind, name=slug.title(), queue=queue, actor=None, settings=settings)


def letters(count: int) -> None:
    """So many citizens wrote a mail each, and Anna has answered them all; nothing of it has left yet."""
    from django.utils import timezone

    from channels_adapters.contract import Address, InboundMessage
    from contactcenter.accounts import accounts
    from contactcenter.intake import receive
    from contactcenter.outbox import replies
    from crm.models import Interaction, User

    account, anna = accounts.find("mail"), User.objects.get(username="anna")
    for number in range(count):
        sender = Address("mailto", f"giulia.{number}@example.org", "Giulia Ferri")
        wrote = InboundMessage(external_id=f"<{number}@example.org>", sender=sender, text="Quando aprite?")
        receive.receive(account=account, event=wrote, at=timezone.now())
        interaction = Interaction.objects.latest("id")
        replies.reply(interaction=interaction, text=f"Risposta {number}: alle otto.", actor=anna)


def answer(text: str) -> None:
    """Anna answers the newest conversation."""
    from contactcenter.outbox import replies
    from crm.models import Interaction, User

    replies.reply(interaction=Interaction.objects.latest("id"), text=text, actor=User.objects.get(username="anna"))


def agent(username: str = "anna") -> str:
    """The session key of somebody's browser, Anna's if nobody is named: they are signed in."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from crm.models import User

    user = User.objects.get(username=username)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store.create()
    return str(store.session_key)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if sys.argv[1] == "letters":
        letters(int(sys.argv[2]))
    elif sys.argv[1] == "answer":
        answer(sys.argv[2])
    elif sys.argv[1] == "agent":
        print(agent())
    else:
        town()
