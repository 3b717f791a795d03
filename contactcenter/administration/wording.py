"""The language of whoever sits at the terminal: what LC_ALL, LC_MESSAGES or LANG name, else the installation's own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation

NO_LANGUAGE = frozenset({"", "C", "POSIX"})


def operators_language() -> str:
    """As GNU programs choose it: LANGUAGE lists what somebody prefers, and counts only beside a locale that is one."""
    locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if _plain(locale) in NO_LANGUAGE:
        return settings.LANGUAGE_CODE
    known = {code for code, _name in settings.LANGUAGES}
    wanted = [*os.environ.get("LANGUAGE", "").split(":"), locale]
    return next((code for name in wanted if (code := _plain(name)[:2].lower()) in known), settings.LANGUAGE_CODE)


def _plain(locale: str) -> str:
    """ "it_IT.UTF-8@euro" → "it_IT"."""
    return locale.partition("@")[0].partition(".")[0]


@contextmanager
def operators() -> Iterator[None]:
    """Sentences made inside are in the operator's language. Not for what is stored or what citizens read."""
    with translation.override(operators_language()):
        yield
