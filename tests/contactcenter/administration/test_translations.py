"""The translations tool, on the words of a bakery."""

import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils.translation import override, trans_real

from contactcenter.administration import message_sources, translations
from contactcenter.administration.message_sources import Message, UnreadableTemplate

WORDS = Path(__file__).parent / "words" / "bakery"


@pytest.fixture
def bakery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bakery that is the whole house, with Italian as its only other language."""
    root = tmp_path / "bakery"
    shutil.copytree(WORDS, root)
    monkeypatch.setattr(translations, "roots", lambda: [root])
    monkeypatch.setattr(translations, "languages", lambda: ["it"])
    return root


def test_every_string_is_found_as_django_will_look_it_up() -> None:
    assert {found.message for found in message_sources.in_folder(WORDS)} == {
        Message("Good morning"),
        Message("Bread made of two parts: flour and water"),
        Message("%(count)d loaf", plural="%(count)d loaves"),
        Message("May", context="month name"),
        Message("Fresh bread"),
        Message("Save 10%%"),
        Message("Open", context="of a door"),
        Message("Baked by %(baker)s"),
        Message("%(counter)s loaf left", plural="%(counter)s loaves left"),
        Message("Opening hours"),
    }


def test_a_place_names_file_and_line() -> None:
    places = {found.message.singular: (found.path.name, found.line) for found in message_sources.in_folder(WORDS)}
    assert places["Good morning"] == ("counter.py", 5)
    assert places["Fresh bread"] == ("shop.html", 2)


def test_a_block_that_is_never_closed_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("{% blocktranslate %}Bread")
    with pytest.raises(UnreadableTemplate, match="never closed"):
        list(message_sources.in_template(page))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("missing", "May"),
        ("empty", "Fresh bread"),
        ("fuzzy", "Save 10%%"),
        ("other placeholders", "Baked by %(baker)s"),
    ],
)
def test_every_kind_of_fault_is_told_with_its_words(bakery: Path, fault: str, words: str) -> None:
    assert any(line.startswith(f"it: {fault}: “{words}”") for line in translations.complaints())


def test_what_is_translated_is_not_complained_about(bakery: Path) -> None:
    told = "\n".join(translations.complaints())
    assert "Good morning" not in told
    assert "loaf”" not in told  # its singular leaves the number out, as a plural form may


def test_the_check_fails_and_counts(bakery: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="8 translations are missing or wrong"):
        call_command("translations", "--check")
    assert "it: missing: “Opening hours” (bakery/templates/bakery/shop.html:10)" in capsys.readouterr().out


def test_compiling_makes_what_django_reads(bakery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert translations.uncompiled() == ["bakery (it)"]
    assert translations.compile_all() == 1
    monkeypatch.setattr(settings, "LOCALE_PATHS", [bakery / "locale"])
    monkeypatch.setattr(trans_real, "_translations", {})
    with override("it"):
        assert trans_real.gettext("Good morning") == "Buongiorno"
        assert trans_real.ngettext("%(count)d loaf", "%(count)d loaves", 3) % {"count": 3} == "3 pagnotte"
    assert translations.uncompiled() == []


def test_compiling_again_does_nothing(bakery: Path) -> None:
    translations.compile_all()
    assert translations.compile_all() == 0


def test_merging_folds_the_parts_in_and_keeps_what_was_translated(bakery: Path) -> None:
    call_command("translations", "--merge")
    assert not list((bakery / "locale" / "parts").iterdir())
    with (bakery / "locale/it/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file, locale="it")
    assert len([entry for entry in catalogue if entry.id]) == 10
    assert catalogue["Good morning"].string == "Buongiorno"
    assert tuple(catalogue["%(count)d loaf"].string or ()) == ("una pagnotta", "%(count)d pagnotte")
    assert catalogue["Opening hours"].string == ""


def test_merging_twice_changes_nothing(bakery: Path) -> None:
    call_command("translations", "--merge")
    first = (bakery / "locale/it/LC_MESSAGES/django.po").read_bytes()
    call_command("translations", "--merge")
    assert (bakery / "locale/it/LC_MESSAGES/django.po").read_bytes() == first


def test_the_catalogue_wins_over_a_part(bakery: Path) -> None:
    catalogue = bakery / "locale/it/LC_MESSAGES/django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text('msgid "Good morning"\nmsgstr "Salve"\n')
    assert translations.read(bakery, "it")["Good morning"].string == "Salve"


def test_a_broken_catalogue_is_named(bakery: Path) -> None:
    (bakery / "locale/parts/counter.it.po").write_text('msgid "x"\nmsgstr[0 "y"\n')
    with pytest.raises(CommandError, match="counter.it.po can't be read"):
        call_command("translations", "--check")


def test_the_house_reads_every_language_but_its_own() -> None:
    assert translations.languages() == ["it", "es", "uk"]
    assert {root.name for root in translations.roots()} >= {"crm", "contactcenter"}
