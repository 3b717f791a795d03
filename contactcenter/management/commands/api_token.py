"""`manage.py api_token`: keys for programs that use /api/v1."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contactcenter.api import tokens
from contactcenter.api.models import ApiToken
from crm.models import User


class Command(BaseCommand):
    help = "Create, list and revoke the keys of programs that use /api/v1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="Make a key; it is shown once.")
        create.add_argument("user", help="User name whose rights apply.")
        create.add_argument("--name", required=True, help="Which program will use it.")
        create.add_argument("--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.READ)
        create.add_argument("--days", type=int, default=365, help="Until it expires; 0 = never.")
        verbs.add_parser("list", help="Every key, without what makes it one.")
        verbs.add_parser("revoke", help="Withdraw a key.").add_argument("prefix", help="As `list` shows it.")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        getattr(self, f"_{verb}")(**options)

    def _create(self, *, user: str, name: str, scope: str, days: int, **_: Any) -> None:
        person = User.objects.filter(username=user, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active user called “{user}”. Create one first, then repeat this.")
        if days < 0:
            raise CommandError("A key can't expire in the past. Give a number of days, or 0 for never.")
        _token, key = tokens.issue(user=person, name=name, scope=scope, days=days or None)
        self.stdout.write(key)
        self.stderr.write("This key is shown once and not kept. Send it as “Authorization: Bearer <key>”.")

    def _list(self, **_: Any) -> None:
        for token in ApiToken.objects.select_related("user").order_by("prefix"):
            used = f"used {token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never used"
            until = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else "no end"
            state = "valid" if token.is_valid else "revoked" if token.revoked_at else "not valid"
            self.stdout.write(
                f"{token.prefix}  {state:9}  {token.scope:5}  {token.user.username}  {until}, {used}  {token.name}"
            )

    def _revoke(self, *, prefix: str, **_: Any) -> None:
        token = ApiToken.objects.filter(prefix=prefix).first()
        if token is None:
            raise CommandError(f"There is no key that begins with “{prefix}”. `api_token list` shows them.")
        tokens.revoke(token=token)
        self.stdout.write(f"{prefix} is withdrawn.")
