"""What something is called, or what is said, in several languages: by ISO 639-1 code."""

from collections.abc import Mapping

from django.conf import settings


def spoken(texts: Mapping[str, str], language: str) -> str:
    """In that language, else in the house's own, else in any there is; "" = in none."""
    return texts.get(language[:2]) or texts.get(settings.LANGUAGE_CODE[:2]) or next(iter(texts.values()), "")
