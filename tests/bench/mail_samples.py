"""Mails as citizens write them: two forms of the text, an inline image, a scanned page attached. Always the same."""

from __future__ import annotations

import random
from email.message import EmailMessage
from email.policy import SMTP

WORDS = "buongiorno ho ricevuto un avviso di pagamento della tari per la casa di mia madre vuota da marzo"
DOT = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


def mails(count: int, first: int = 0) -> list[bytes]:
    return [_mail(number) for number in range(first, first + count)]


def _mail(number: int) -> bytes:
    chance = random.Random(number)
    lines = [" ".join(chance.choices(WORDS.split(), k=12)).capitalize() + "." for _line in range(14)]
    mail = EmailMessage()
    mail["From"] = f"Giulia Ferri <giulia.{number}@example.org>"
    mail["To"] = "URP Roccaverde <urp@roccaverde.example>"
    mail["Subject"] = f"Rimborso TARI, utenza {number}"
    mail["Message-ID"] = f"<{number}.{chance.getrandbits(64):x}@example.org>"
    mail["Date"] = "Mon, 23 Nov 2026 09:41:00 +0100"
    for hop in range(4):
        mail["Received"] = (
            f"from mx{hop}.example.org by mx{hop + 1}.example.org with ESMTPS; Mon, 23 Nov 2026 09:41:0{hop} +0100"
        )
    mail.set_content("\n".join(lines))
    mail.add_alternative(
        f"<html><body><p>{'</p><p>'.join(lines)}</p><img src='cid:logo'></body></html>", subtype="html"
    )
    for html in mail.iter_parts():
        if html.get_content_type() == "text/html":
            html.add_related(DOT, "image", "gif", cid="<logo>")
    page = b"%PDF-1.4\n" + chance.randbytes(30_000)
    mail.add_attachment(page, maintype="application", subtype="pdf", filename="avviso TARI 2026.pdf")
    return mail.as_bytes(policy=SMTP)
