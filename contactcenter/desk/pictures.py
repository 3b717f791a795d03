"""Pictures that a mail wants from other servers. The agent asks, the house fetches them: whoever put them there learns
that somebody looked, but not which agent, from where, or with what browser, and gets no cookie.

Only addresses that stand in the stored mail are fetched, so this is no way out to anywhere else.
"""

import hashlib
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from channels_adapters import http
from contactcenter.desk import conversation
from contactcenter.desk.doors import desk
from contactcenter.files import sniff
from contactcenter.intake import html
from crm import audit
from crm.models import Message, User

MOST = 40  # pictures of one mail that are fetched
MAX_SIZE = 5_000_000  # bytes of one
TIMEOUT = 8.0  # seconds for one
KEPT = 3600  # seconds in the agent's browser


def through_us(message: Message) -> str:
    """The mail's stored HTML with its pictures loading from here."""
    known = {_mark(address) for address in html.remote_pictures(message.html)[:MOST]}

    def ours(address: str) -> str:
        mark = _mark(address)
        # A picture that is not fetched keeps its place and its words for who can't see it.
        return reverse("desk-picture", args=[message.interaction.public_id, message.seq, mark]) if mark in known else ""

    return html.with_pictures(message.html, ours)


def asked(user: User, message: Message) -> None:
    """Who made the house fetch them stands in the record: the sender may learn from it that the mail was opened."""
    audit.record("pictures.fetched", **audit.about(message.interaction), actor=user, data={"seq": message.seq})


@desk("GET")
def picture(request: HttpRequest, user: User, public_id: str, seq: int, mark: str) -> HttpResponse:
    """One of them, fetched now. What is no picture, too large or not to be had is answered 404, and nothing is kept."""
    message = get_object_or_404(Message, interaction=conversation.find(user, public_id), seq=seq)
    address = next((one for one in html.remote_pictures(message.html)[:MOST] if _mark(one) == mark), "")
    body = _fetched(address) if address else b""
    kind = sniff.content_type(body[: sniff.HEAD]) if body else ""
    if kind not in sniff.PICTURES:
        return HttpResponse(status=404)
    answer = HttpResponse(body, content_type=kind)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = f"private, max-age={KEPT}"
    return answer


def _fetched(address: str) -> bytes:
    """b"" = it can't be had. An unencrypted address is asked for encrypted, as browsers do, or not at all."""
    parts = urlsplit(address)
    encrypted = urlunsplit(parts._replace(scheme="https", fragment="")) if parts.port in {None, 443} else address
    try:
        answer = http.fetch("GET", encrypted, headers={"accept": "image/*"}, timeout=TIMEOUT, max_bytes=MAX_SIZE)
    except (http.FetchRefused, http.FetchFailed):
        return b""
    return answer.body if answer.status == 200 else b""


def _mark(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:20]
