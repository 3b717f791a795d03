"""How somebody's screens look and speak up: chosen once, the same on whatever machine they sit."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils.translation import gettext as _

from contactcenter.desk.models import Preferences
from crm.models import User
from crm.prepared import PreparedModel

SOMEBODY = 2_147_000_057  # stands for a person in the prepared statement
CHOICES = {"theme": set(Preferences.Theme.values), "density": set(Preferences.Density.values)}


class NotAChoice(Exception):
    """What was asked for can't be chosen, as a sentence."""


@dataclass(frozen=True)
class Look:
    """What is in force."""

    theme: str = Preferences.Theme.SYSTEM
    density: str = Preferences.Density.COMFORTABLE
    keys: bool = True
    volume: int = 40  # 0 = silent … 100
    told_of_offers: bool = False
    told_of_messages: bool = False

    @property
    def bootstrap(self) -> str:
        """The theme of Bootstrap's that stands under ours; "" follows the machine."""
        return {"light": "light", "dark": "dark", "night": "dark"}.get(self.theme, "")


class SignedIn(ModelBackend):
    """Reads people together with their preferences: every page needs both, and one statement does."""

    def get_user(self, user_id: Any) -> User | None:
        user = _with_preferences().first(int(user_id))
        return user if user is not None and self.user_can_authenticate(user) else None


@cache
def _with_preferences() -> PreparedModel[User]:
    return PreparedModel(User.objects.select_related("preferences").filter(pk=SOMEBODY), SOMEBODY)


def of(user: User) -> Look:
    """Costs nothing where the person was read by `SignedIn`."""
    try:
        kept = user.preferences
    except Preferences.DoesNotExist:
        return Look()
    return Look(**{one.name: getattr(kept, one.name) for one in fields(Look)})


def of_page(request: HttpRequest) -> dict[str, Look]:
    """For the root of every staff page, so that nothing flashes; before signing in, the theme this browser wore last."""
    user = getattr(request, "user", None)
    if isinstance(user, User):
        return {"look": of(user)}
    theme = request.COOKIES.get("theme", "")
    return {"look": Look(theme=theme if theme in CHOICES["theme"] else Preferences.Theme.SYSTEM)}


def choose(*, actor: User, **chosen: Any) -> Look:
    """Keep some of the choices, named as in `Look`; the others stay. No audit entry: it is one's own affair.

    Raises `NotAChoice`.
    """
    for name, value in chosen.items():
        if name in CHOICES and value not in CHOICES[name]:
            raise NotAChoice(_("This can’t be chosen. Reload the page and choose again."))
    if not 0 <= chosen.get("volume", 0) <= 100:
        raise NotAChoice(_("The volume is a number from 0 to 100."))
    actor.preferences, _made = Preferences.objects.update_or_create(user=actor, defaults=chosen)
    return of(actor)
