"""`{{citizen}}` and its like in canned answers: five words between braces and nothing more. No template language, so nothing
that is written into an answer, or that a citizen calls themselves, is ever evaluated.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from django.utils import formats, timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from contactcenter.routing.expression import Mistake
from crm.models import Interaction, User

NAMES: Mapping[str, Promise] = {
    "citizen": gettext_lazy("name of the citizen"),
    "agent": gettext_lazy("your own name"),
    "office": gettext_lazy("name of the office"),
    "case": gettext_lazy("number of the case"),
    "today": gettext_lazy("today’s date"),
}
WHOLE = re.compile(r"\{\{(" + "|".join(NAMES) + r")\}\}")
BRACES = re.compile(r"\{\{([^{}\n]{0,60})(\}\})?|\}\}")


def check(text: str) -> None:
    """Raises `Mistake` at the first place in braces that isn't one of `NAMES`, exactly as written there."""
    for found in BRACES.finditer(text):
        if WHOLE.fullmatch(found[0]):
            continue
        known = ", ".join(f"{{{{{name}}}}}" for name in NAMES)
        sentence = _("“%(found)s” is no placeholder. Use one of these: %(known)s.")
        raise Mistake(sentence % {"found": found[0], "known": known}, found.start(), len(found[0]), text)


def values(*, interaction: Interaction, actor: User, language: str) -> dict[str, str]:
    """What each stands for here; one that isn't known is left out. The date is written as in `language`."""
    citizen, case = interaction.citizen, interaction.case
    found = {
        "citizen": citizen.name if citizen else "",
        "agent": actor.display_name,
        "office": interaction.office.name,
        "case": case.number if case else "",
        "today": _written(timezone.localdate(), language),
    }
    return {name: value for name, value in found.items() if value}


def _written(day: date, language: str) -> str:
    with translation.override(language):
        words = formats.date_format(day, "DATE_FORMAT")
    return words if language.startswith("en") else words.lower()


def fill(text: str, known: Mapping[str, str]) -> str:
    """In one pass: what a value brings along isn't looked at again. What isn't known stays as it was."""
    return WHOLE.sub(lambda found: known.get(found[1], found[0]), text)


def unfilled(text: str) -> list[str]:
    """The placeholders that still stand in a text, in its order, each once."""
    return list(dict.fromkeys(_names(text)))


def _names(text: str) -> Iterator[str]:
    for found in WHOLE.finditer(text):
        yield found[1]


def in_words(names: list[str]) -> str:
    """ "name of the citizen, number of the case" """
    return ", ".join(str(NAMES[name]) for name in names)
