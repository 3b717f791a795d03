"""What must be right before production may start. Missing means closed."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils.translation import gettext as _

from crm.models import User

SHORTEST_SECRET = 32  # characters
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}


def objections() -> list[str]:
    """One sentence for each reason not to start; empty when this may run. Development and demo always may."""
    if not settings.PRODUCTION:
        return []
    return [*missing_secrets(), *_addresses(), *_demo_people()]


def missing_secrets() -> list[str]:
    """One sentence for each secret that is absent or too short to be one."""
    found = []
    if len(_secret_key()) < SHORTEST_SECRET:
        found.append(_secret_sentence("SECRET_KEY", _("signs sessions and links")))
    if not settings.ENCRYPTION_KEYS or min(map(len, settings.ENCRYPTION_KEYS)) < SHORTEST_SECRET:
        found.append(_secret_sentence("ENCRYPTION_KEY", _("encrypts the secrets of channel accounts")))
    return found


def _secret_key() -> str:
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django's way to say that it is empty
        return ""


def _secret_sentence(name: str, purpose: str) -> str:
    return _(
        "%(name)s (%(purpose)s) is missing or shorter than %(n)d characters. "
        "Set it, or put it into a file and name that in %(name)s_FILE."
    ) % {"name": name, "purpose": purpose, "n": SHORTEST_SECRET}


def _addresses() -> list[str]:
    found = []
    if settings.DEBUG:
        found.append(_("DEBUG is on, and would show internals to strangers. Remove it from the environment."))
    if not settings.BASE_URL.startswith("https://"):
        found.append(
            _("BASE_URL must begin with https:// in production: sessions travel over it. Set the public address.")
        )
    elif urlsplit(settings.BASE_URL).hostname in LOCAL_HOSTS:
        found.append(_("BASE_URL names this machine only; citizens could not reach it. Set the public address."))
    return found


def _demo_people() -> list[str]:
    try:
        names = sorted(User.objects.filter(is_demo=True, is_active=True).values_list("username", flat=True))
    except DatabaseError:
        return []  # not migrated yet, or not reachable: readiness tells that
    if not names:
        return []
    return [
        _(
            "The demo people are in this database (%(names)s), and everybody knows their password. "
            "Use a fresh database, or deactivate them while PRODUCTION is off."
        )
        % {"names": ", ".join(names)}
    ]
