"""Public holidays of countries and of their parts, by name. What the `holidays` library says, asked in one place."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import holidays as library
from babel import Locale

UKRAINIAN_ORDER = str.maketrans({"ґ": "г~", "є": "е~", "і": "и~", "ї": "и~~"})  # these stand elsewhere in Unicode


@lru_cache(maxsize=512)
def days(country: str, subdivision: str, year: int, language: str = "") -> Mapping[date, str]:
    """The holidays of a year with their names: in `language` (ISO 639-1), else in the country's own.

    `country` is ISO 3166 alpha-2, "" = none; `subdivision` as in `subdivisions`, "" = the country alone. An Italian
    province's or city's patron saint is among them. Raises `NotImplementedError` for what the library doesn't know.
    """
    if not country:
        return MappingProxyType({})
    found = library.country_holidays(
        country, subdiv=subdivision or None, years=year, language=_spoken(country, language)
    )
    return MappingProxyType(dict(sorted(found.items())))


def _spoken(country: str, language: str) -> str | None:
    """The library's own code of a language, where it has the names of that country in it."""
    known: list[str] = sorted(_entity(country).supported_languages or ())
    matching = [code for code in known if language and code.split("_")[0] == language]
    own: str | None = _entity(country).default_language
    return own if not matching or own in matching else matching[-1]


@lru_cache(maxsize=256)
def _entity(country: str) -> Any:
    return type(library.country_holidays(country))


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    """Countries that the library knows, as ISO 3166 alpha-2."""
    return frozenset(library.list_supported_countries(include_aliases=False))


@lru_cache(maxsize=16)
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of every known country, in the order of the names in `language`."""
    names = Locale.parse(language).territories
    found = ((code, str(names.get(code, code))) for code in codes())
    return tuple(sorted(found, key=lambda pair: _place_in_order(pair[1])))


def _place_in_order(name: str) -> str:
    """Åland stands beside Albania, and Ukrainian letters where Ukrainian has them."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(UKRAINIAN_ORDER))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(maxsize=256)
def subdivisions(country: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of a country's parts with holidays of their own: RM is Roma. Empty for an unknown country."""
    if country not in codes():
        return ()
    aliases: Mapping[str, list[str]] = _entity(country).get_subdivision_aliases()
    found = ((code, max(reversed(names), key=len, default=code)) for code, names in aliases.items())
    return tuple(sorted(found, key=lambda pair: _place_in_order(pair[1])))
