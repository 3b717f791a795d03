"""Which language a conversation is in: as chosen, as known, else as the first words sound."""

import pytest
from django.test import Client

from contactcenter.accounts.models import ChannelAccount
from crm.models import Citizen, Interaction
from tests.paper import post

UKRAINIAN = "Добрий день, як отримати дозвіл на проживання?"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "letter, language",
    [
        ({"text": UKRAINIAN}, "uk"),
        ({"text": "Ho pagato due volte la TARI.", "subject": "TARI"}, "it"),
        ({"text": "12345", "subject": "Necesito ayuda con mi permiso de residencia"}, "es"),
        ({"text": "ok", "subject": "TARI"}, ""),
        ({"text": UKRAINIAN, "language": "en-GB"}, "en-GB"),
        ({"text": UKRAINIAN, "automatic": "auto-reply"}, ""),
    ],
)
def test_a_conversation_is_in_the_language_of_its_first_words_unless_it_was_chosen(
    client: Client, letters: ChannelAccount, letter: dict[str, str], language: str
) -> None:
    post(client, {"id": "1", "from": "olena", **letter})
    assert Interaction.objects.get().language == language


@pytest.mark.django_db
def test_the_language_a_citizen_is_known_to_speak_goes_before_a_guess(client: Client, letters: ChannelAccount) -> None:
    post(client, {"id": "1", "from": "olena", "text": UKRAINIAN})
    Citizen.objects.update(language="it")
    Interaction.objects.all().update(status="closed", closed_at="2020-01-01T00:00:00Z", thread="")
    post(client, {"id": "2", "from": "olena", "text": UKRAINIAN})
    assert Interaction.objects.order_by("-pk")[0].language == "it"
