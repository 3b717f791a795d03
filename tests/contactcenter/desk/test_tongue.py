"""A draft in another language than the citizen's is noticed when it is kept, and stops nothing."""

import uuid

import pytest
from django.test import Client

from crm.models import Interaction
from tests.contactcenter.desk.conftest import PART, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
ITALIAN = "Buongiorno, lo sportello è aperto ogni mattina dalle nove a mezzogiorno."
UKRAINIAN = "Добрий день, приймальня відчинена щоранку з дев’ятої години."


def kept(desk: Client, interaction: Interaction, text: str, how: str = "reply") -> str:
    given = {"text": text, "as": how, "mark": str(uuid.uuid4()), "based_on": ""}
    told: str = desk.post(at(interaction, "draft/"), given, headers=PART).json()["tongue"]
    return told


@pytest.mark.parametrize(
    "speaks, text, said",
    [
        ("uk", ITALIAN, "The citizen writes ukrainian, your draft looks italian."),
        ("uk", UKRAINIAN, ""),
        ("it", ITALIAN, ""),
        ("uk", "Buongiorno, TARI 2026", ""),
        ("", ITALIAN, ""),
    ],
)
def test_another_language_is_said_where_it_is_sure(
    speaks: str, text: str, said: str, desk: Client, with_anna: Interaction
) -> None:
    Interaction.objects.filter(pk=with_anna.pk).update(language=speaks)
    assert kept(desk, with_anna, text) == said


def test_a_note_is_for_colleagues_in_whatever_language(desk: Client, with_anna: Interaction) -> None:
    Interaction.objects.filter(pk=with_anna.pk).update(language="uk")
    assert kept(desk, with_anna, ITALIAN, "note") == ""


def test_a_draft_that_is_found_again_is_looked_at_again(desk: Client, with_anna: Interaction) -> None:
    Interaction.objects.filter(pk=with_anna.pk).update(language="uk")
    kept(desk, with_anna, ITALIAN)
    assert "looks italian" in desk.get(at(with_anna, "draft/"), headers=PART).json()["tongue"]
