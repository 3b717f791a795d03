"""What is wrong with a calendar is said in whole sentences, at its place."""

from typing import Any

import pytest

from contactcenter.sla import checking
from contactcenter.sla.calendars import ALWAYS, Calendar

SOUND: dict[str, Any] = {
    "zone": "Europe/Rome",
    "week": {"mon": [["14:00", "18:00"], ["09:00", "13:00"]], "fri": [["22:00", "06:00"]], "sat": [["06:00", "24:00"]]},
    "holidays": "IT",
    "subdivision": "RM",
    "closed_days": frozenset({"2026-12-24"}),
    "special_hours": {"2026-12-25": [["09:00", "12:00"]], "2026-12-31": []},
}


@pytest.mark.parametrize(
    "calendar", [Calendar(**SOUND), Calendar("UTC"), Calendar("Europe/Kyiv", ALWAYS, holidays="UA")]
)
def test_nothing_is_wrong_with_a_sound_calendar(calendar: Calendar) -> None:
    assert checking.faults(calendar) == {}


@pytest.mark.parametrize(
    "wrong, place, words",
    [
        ({"zone": "Europe/Roma"}, "zone", "“Europe/Roma” is not a time zone."),
        ({"zone": "../../etc/passwd"}, "zone", "is not a time zone"),
        ({"week": {"mon": [["09:00", ""]]}}, "week.mon", "“09:00–” has no end."),
        ({"week": {"mon": [["", "13:00"]]}}, "week.mon", "“–13:00” has no beginning."),
        ({"week": {"mon": [["09:00"]]}}, "week.mon", "“09:00” is not a beginning and an end."),
        ({"week": {"mon": [["25:00", "26:00"]]}}, "week.mon", "“25:00” is not a time of the day."),
        ({"week": {"mon": [["24:00", "06:00"]]}}, "week.mon", "“24:00” is not a time of the day."),
        ({"week": {"mon": [["09:00:00", "13:00"]]}}, "week.mon", "“09:00:00” is not a time of the day."),
        ({"week": {"mon": [["09:00", "09:00"]]}}, "week.mon", "The whole day is 00:00-24:00."),
        (
            {"week": {"mon": [["12:00", "18:00"], ["09:00", "13:00"]]}},
            "week.mon",
            "“12:00–18:00” begins before “09:00–13:00” has ended.",
        ),
        (
            {"week": {"sun": [["22:00", "06:00"]], "mon": [["05:00", "13:00"]]}},
            "week.mon",
            "“05:00–13:00” begins before “22:00–06:00” of Sunday has ended.",
        ),
        ({"week": {"lun": [["09:00", "13:00"]]}}, "week", "“lun” is not a day of the week."),
        ({"week": {"mon": [["09:00", "09:05"]] * 13}}, "week.mon", "more than 12 spans"),
        ({"holidays": "XX", "subdivision": ""}, "holidays", "no public holidays of “XX”"),
        ({"subdivision": "Gotham"}, "subdivision", "“Gotham” is no part of IT"),
        ({"holidays": ""}, "subdivision", "Choose the country first."),
        ({"closed_days": frozenset({"Christmas"})}, "closed_days", "“Christmas” is not a day."),
        ({"closed_days": frozenset({"2026-02-29"})}, "closed_days", "“2026-02-29” is not a day."),
        ({"closed_days": frozenset({"20261224"})}, "closed_days", "“20261224” is not a day."),
        ({"closed_days": frozenset({"2026-12-25"})}, "closed_days", "2026-12-25 also has special hours."),
        ({"special_hours": {"Easter": []}}, "special_hours", "“Easter” is not a day."),
        ({"special_hours": {"2026-12-25": [["9", "12"]]}}, "special_hours.2026-12-25", "“9” is not a time of the day."),
    ],
)
def test_what_is_wrong_is_named_at_its_place(wrong: dict[str, Any], place: str, words: str) -> None:
    found = checking.faults(Calendar(**{**SOUND, **wrong}))
    assert list(found) == [place]
    assert words in " ".join(found[place])


def test_every_fault_is_told_at_once() -> None:
    found = checking.faults(Calendar("Mars", {"mon": [["9", ""]], "tue": [["", "9"]]}, holidays="XX"))
    assert set(found) == {"zone", "week.mon", "week.tue", "holidays"}
