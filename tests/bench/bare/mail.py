"""A minimum Django that takes a mail: parse it, insert five rows in one transaction."""

import email
from email.policy import default
from email.utils import parseaddr
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from tests.bench.bare.models import Attachment, Case, Contact, Interaction, QueueRow


def take(raw: bytes, folder: Path) -> None:
    mail = email.message_from_bytes(raw, policy=default)
    name, address = parseaddr(str(mail["From"]))
    body, subject, now = mail.get_body(("plain", "html")), str(mail["Subject"]), timezone.now()
    with transaction.atomic():
        contact, _made = Contact.objects.get_or_create(address=address, defaults={"name": name})
        case = Case.objects.create(contact=contact, subject=subject, opened_at=now)
        text = body.get_content() if body else ""
        interaction = Interaction.objects.create(case=case, message_id=str(mail["Message-ID"]), text=text)
        for number, part in enumerate(mail.iter_attachments()):
            place = folder / f"{case.pk}-{number}"
            content = part.get_payload(decode=True)
            place.write_bytes(content if isinstance(content, bytes) else b"")
            Attachment.objects.create(interaction=interaction, name=part.get_filename() or "", path=str(place))
        QueueRow.objects.create(case=case, who=name, about=subject, queued_at=now)
