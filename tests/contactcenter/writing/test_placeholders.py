"""Five words between braces, and nothing that could be run."""

import pytest

from contactcenter.routing.expression import Mistake
from contactcenter.writing import placeholders

pytestmark = pytest.mark.usefixtures("in_english")


def test_what_is_known_is_filled_in_and_the_rest_stays_to_be_seen() -> None:
    text = placeholders.fill("Gentile {{citizen}}, pratica {{case}}.", {"citizen": "Giulia Ferri"})
    assert text == "Gentile Giulia Ferri, pratica {{case}}."
    assert placeholders.unfilled(text) == ["case"]
    assert placeholders.in_words(["case", "today"]) == "number of the case, today’s date"


def test_a_citizen_who_calls_themselves_a_placeholder_is_not_filled_in_again() -> None:
    assert placeholders.fill("{{citizen}}", {"citizen": "{{agent}}", "agent": "Anna"}) == "{{agent}}"


@pytest.mark.parametrize(
    "text, carets",
    [
        ("Ciao {{nome}}", "     ^^^^^^^^"),
        ("Ciao {{citizen", "     ^^^^^^^^^"),
        ("Ciao {{ citizen }}", "     ^^^^^^^^^^^^^"),
        ("Ciao {{citizen.user.password}}", "     ^^^^^^^^^^^^^^^^^^^^^^^^^"),
        ("Ciao }}", "     ^^"),
        ("Ciao {{}}", "     ^^^^"),
        ("a\nb {{x}}", "  ^^^^^"),
    ],
)
def test_anything_else_in_braces_is_refused_and_its_place_is_marked(text: str, carets: str) -> None:
    with pytest.raises(Mistake) as refused:
        placeholders.check(text)
    assert refused.value.marked().splitlines()[1] == carets
    assert "Use one of these: {{citizen}}" in refused.value.sentence


def test_single_braces_are_words_like_any_other() -> None:
    placeholders.check("{citizen} e {% if %} e {{citizen}}{{today}}")
