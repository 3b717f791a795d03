"""Is a draft in another language than the citizen's? Looked at when a draft is kept: nothing more travels for it."""

from contactcenter.routing import language
from crm.models import Interaction

ENOUGH = 5  # words; fewer could be anything


def spoken(interaction: Interaction) -> str:
    """What the citizen writes, as an ISO 639-1 code; "" where nobody knows."""
    code = interaction.language or (interaction.citizen.language if interaction.citizen else "")
    return code[:2]


def of_another_draft(interaction: Interaction, text: str) -> str:
    """The language a draft seems to be in where that isn't the citizen's; "" = the same, or not sure."""
    theirs = spoken(interaction)
    if not theirs or len(language.own_words(text)) < ENOUGH:
        return ""
    guess = language.detect(text)
    return guess.language if guess and guess.language != theirs else ""
