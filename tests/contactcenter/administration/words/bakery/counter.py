"""Words of a bakery, for the tests of the translations tool. Nobody imports this."""

from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

GREETING = _("Good morning")
LONG = gettext_lazy("Bread made of two parts: flour and water")


def price(count: int) -> str:
    return ngettext("%(count)d loaf", "%(count)d loaves", count) % {"count": count}


def month() -> str:
    return pgettext("month name", "May")


def not_ours(word: str) -> str:
    return _(word)
