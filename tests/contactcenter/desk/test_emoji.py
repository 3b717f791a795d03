"""Emoji are characters with a name."""

import pytest
from django.test import Client
from django.utils import translation

from contactcenter.desk import emoji
from tests.contactcenter.desk.conftest import PART, Write, at


@pytest.mark.parametrize(
    "text, name",
    [
        ("👍", "thumbs up"),
        (" 👍🏽 ❤️ ", "thumbs up, red heart"),
        ("🦄", "unicorn face"),
        ("👍 grazie", ""),
        ("", ""),
        ("12", ""),
        ("©", ""),
        ("👍" * 41, ""),
    ],
)
@pytest.mark.usefixtures("in_english")
def test_a_message_of_emoji_alone_has_a_name(text: str, name: str) -> None:
    assert emoji.in_words(text) == name


@pytest.mark.parametrize("language", emoji.LANGUAGES)
def test_every_one_has_a_name_of_its_own_in_every_language(language: str) -> None:
    with translation.override(language):
        names = [emoji.NAMES[row[0].rstrip("\ufe0f")][language] for row in emoji.ROWS]
    assert all(names)
    assert len(set(names)) == len(names) >= 60


@pytest.mark.django_db
def test_the_timeline_reads_it_aloud_and_the_picker_shows_names(desk: Client, write: Write) -> None:
    said = desk.get(at(write("👍")), headers=PART).content.decode()
    assert 'role="img" aria-label="thumbs up"' in said
    picker = desk.get("/desk/emoji/", headers=PART).content.decode()
    assert 'aria-label="folded hands"' in picker
