"""Telephone numbers as people write them, and whether we would dial them. Plans of the world's numbers: libphonenumber."""

from __future__ import annotations

import unicodedata

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

LONGEST = 40  # characters as written, with spaces, brackets and strokes
# Landlines and mobiles; what is dear (premium, shared cost, personal numbers) or has nobody at its end is left out.
DIALLED = frozenset({
    PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP,
})  # fmt: skip
# Control characters, and halves of one. Odd spaces and marks of direction come with what is pasted.
UNWRITTEN = {"Cc", "Cs"}
NOWHERE = "001"  # satellites and other networks of no country


class NoNumber(ValueError):
    """It can't be called; the sentence says why and what to write instead."""


def read(text: str, country: str) -> str:
    """The number in E.164. `country` (ISO 3166 alpha-2) is where one without + belongs. Raises `NoNumber`."""
    unclear = NoNumber(
        _("This isn't a complete telephone number. Write it in full, from abroad with + and the country.")
    )
    if not text.strip() or len(text) > LONGEST or any(unicodedata.category(each) in UNWRITTEN for each in text):
        raise unclear
    try:
        found = phonenumbers.parse(text, country)
    except NumberParseException:
        raise unclear from None
    if found.extension:
        raise NoNumber(_("We can't dial an extension. Write a number that rings with you directly."))
    if not phonenumbers.is_valid_number(found):
        raise unclear
    kind = phonenumbers.number_type(found)
    if kind not in DIALLED or phonenumbers.region_code_for_number(found) in {None, NOWHERE}:
        raise NoNumber(_("We don't call numbers of this kind. Write the number of a landline or a mobile telephone."))
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def shown(number: str) -> str:
    """As people read it: "+39 055 123 4567". `number` in E.164."""
    try:
        found = phonenumbers.parse(number, None)
    except NumberParseException:
        return number
    return phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL)
