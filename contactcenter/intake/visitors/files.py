"""Short-lived addresses for the files of a conversation. Whoever has the address may fetch until it expires."""

import uuid

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Attachment

GOOD_FOR = 3600  # seconds
_SALT = "visitor file"


class Expired(Exception):
    """The address was good once, or never."""

    def __init__(self) -> None:
        super().__init__(_("This link has expired. Reload the conversation and open the file again."))


def address(account: str, file: Attachment) -> str:
    key = signing.TimestampSigner(salt=f"{_SALT} {account}").sign(file.public_id.hex).partition(":")[2]
    return f"{reverse('visitor-file', args=[account, file.public_id])}?key={key}"


def opened(account: str, public_id: uuid.UUID, key: str) -> Attachment:
    """Raises `Expired` for a key that is forged, old, of another file or of another account."""
    signer = signing.TimestampSigner(salt=f"{_SALT} {account}")
    try:
        value = signer.unsign(f"{public_id.hex}:{key}", max_age=GOOD_FOR)
    except signing.BadSignature:
        raise Expired from None
    found = Attachment.objects.filter(public_id=value, message__isnull=False).first()
    if found is None:
        raise Expired
    return found
