import datetime as dt

import pytest

from contactcenter.sla import public_holidays

PETER_AND_PAUL = dt.date(2026, 6, 29)


def test_rome_keeps_its_patron_saints_and_italy_does_not() -> None:
    assert PETER_AND_PAUL in public_holidays.days("IT", "RM", 2026)
    assert PETER_AND_PAUL not in public_holidays.days("IT", "", 2026)


@pytest.mark.parametrize(
    "language, name",
    [("it", "Santi Pietro e Paolo"), ("en", "Saints Peter and Paul's Day"), ("uk", "Santi Pietro e Paolo")],
)
def test_holidays_are_named_in_the_readers_language_else_in_the_countrys(language: str, name: str) -> None:
    assert public_holidays.days("IT", "RM", 2026, language)[PETER_AND_PAUL] == name


def test_a_country_without_known_holidays_has_none() -> None:
    assert public_holidays.days("UA", "", 2026) == {}
    assert public_holidays.days("", "", 2026) == {}


def test_countries_are_named_and_ordered_in_the_readers_language() -> None:
    italian, ukrainian = dict(public_holidays.countries("it")), [name for _, name in public_holidays.countries("uk")]
    assert (italian["IT"], italian["UA"], italian["DE"]) == ("Italia", "Ucraina", "Germania")
    assert list(italian)[-1] == "ZW"
    assert ukrainian.index("Зімбабве") < ukrainian.index("Ізраїль") < ukrainian.index("Японія")


def test_parts_are_named_where_the_library_knows_a_name() -> None:
    parts = dict(public_holidays.subdivisions("IT"))
    assert (parts["RM"], parts["FC"], parts["Cesena"]) == ("Roma", "Forlì-Cesena", "Cesena")
    assert public_holidays.subdivisions("UA") == ()
    assert public_holidays.subdivisions("XX") == ()
