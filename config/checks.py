"""Refuses an unsafe production, whichever way it is started: `manage.py`, Celery or a web server."""

from typing import Any

from django.core.checks import Error, register
from django.utils.translation import gettext as _


@register("production")
def production_is_safe(**kwargs: Any) -> list[Error]:
    from contactcenter.administration import safety  # models are not loaded yet when this module is

    return [Error(sentence, id="sportello.E001") for sentence in safety.objections()]


def refuse_unsafe_production() -> None:
    """Raises `SystemExit` with the reasons."""
    from contactcenter.administration import safety

    if reasons := safety.objections():
        raise SystemExit("\n".join([_("Sportello does not start:"), *reasons]))
