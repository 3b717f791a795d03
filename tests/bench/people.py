"""Makes what a bench's clients need, on the house's data: `python -m tests.bench.people visitors N | agent | program`."""

import json
import sys

import django

from tests.crash.furnish import agent


def visitors(count: int) -> list[str]:
    """Tokens of so many citizens' browsers."""
    from contactcenter.accounts import accounts
    from contactcenter.intake.visitors import sessions

    account = accounts.find("comune")
    return [sessions.begin(account=account, language="it")[1] for _visitor in range(count)]


def program() -> str:
    """The key of a program that may write, as Anna."""
    from contactcenter.api import tokens
    from crm.models import User

    return tokens.issue(user=User.objects.get(username="anna"), name="bench", scope="write", days=1)[1]


if __name__ == "__main__":
    django.setup()
    made = {"agent": agent, "program": program}
    print(json.dumps(visitors(int(sys.argv[2])) if sys.argv[1] == "visitors" else made[sys.argv[1]]()))
