"""What operators read is in their own language: their terminal's, a browser's, else the installation's."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from contactcenter.administration import readiness, web, wording
from crm.models import User

ALL = {"it": "Va tutto bene.\n", "en": "All is well.\n", "es": "Todo está bien.\n", "uk": "Усе гаразд.\n"}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> pytest.MonkeyPatch:
    """One that says nothing of a language, in an Italian installation."""
    monkeypatch.delenv("LC_ALL")
    settings.LANGUAGE_CODE = "it"
    return monkeypatch


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "it"),
        ({"LANG": "C.UTF-8"}, "it"),
        ({"LANG": "POSIX", "LANGUAGE": "uk"}, "it"),
        ({"LANG": "uk_UA.UTF-8"}, "uk"),
        ({"LANG": "es"}, "es"),
        ({"LANG": "ca_ES.UTF-8@valencia"}, "it"),
        ({"LANG": "ca_ES.UTF-8", "LANGUAGE": "ca:es_ES:en"}, "es"),
        ({"LANG": "it_IT.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "it_IT.UTF-8", "LC_MESSAGES": "en_GB.UTF-8", "LC_ALL": "uk_UA"}, "uk"),
        ({"LANG": "it_IT.UTF-8", "LC_ALL": ""}, "it"),
    ],
)
def test_the_terminal_names_the_language_as_it_does_to_other_programs(
    terminal: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    for name, value in environment.items():
        terminal.setenv(name, value)
    assert wording.operators_language() == language


@pytest.mark.parametrize("language", ALL)
def test_doctor_speaks_every_language_of_the_house(
    anna: User, terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    terminal.setattr("contactcenter.administration.translations.uncompiled", list)
    terminal.setenv("LANG", f"{language}.UTF-8")
    call_command("doctor")
    assert capsys.readouterr().out == ALL[language]


def test_serve_refuses_in_the_operators_language(terminal: pytest.MonkeyPatch) -> None:
    terminal.setenv("LANG", "es_ES.UTF-8")
    with web.claim("127.0.0.1", 0) as ours:
        ours.listen()
        with pytest.raises(CommandError, match="lo ocupa otro programa"):
            call_command("serve", host="127.0.0.1", port=ours.getsockname()[1])


def test_outside_the_sentences_nothing_changes_its_language(terminal: pytest.MonkeyPatch) -> None:
    terminal.setenv("LANG", "es_ES.UTF-8")
    with translation.override("uk"):
        with wording.operators():
            assert translation.get_language() == "es"
        assert translation.get_language() == "uk"


@pytest.mark.parametrize(
    ("asked", "words"), [({}, "Tutti i segreti"), ({"Accept-Language": "es"}, "Todos los secretos")]
)
def test_readiness_answers_a_browser_in_its_language(
    db: None, terminal: pytest.MonkeyPatch, asked: dict[str, str], words: str
) -> None:
    says = Client(headers=asked).get("/readyz").json()["checks"]["secrets"]["says"]
    assert says.startswith(words)


@pytest.mark.parametrize("language", ALL)
def test_every_finding_is_translated(db: None, language: str) -> None:
    with translation.override("en"):
        english = {one.says for one in readiness.look()}
    with translation.override(language):
        theirs = {one.says for one in readiness.look()}
    assert (theirs == english) == (language == "en")
    assert language == "en" or not [says for says in theirs & english if "answers" not in says]
