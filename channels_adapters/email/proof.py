"""Who vouches for the sender: the verdict of our own border mail server (RFC 8601), and nobody else's."""

from __future__ import annotations

import re

from channels_adapters.email import addresses
from channels_adapters.email.headers import Headers

_DMARC_PASS = re.compile(r"\bdmarc\s*=\s*pass\b([^;]*)", re.I)
_HEADER_FROM = re.compile(r"\bheader\.from\s*=\s*\"?([^\s;\")]+)", re.I)
_LOCAL_DELIVERY = re.compile(r"\bby\s+\S+(?:\s+\([^()]*\))?\s+with\s+LMTP", re.I)
_COMMENT = re.compile(r"\([^()]*\)")


def of_sender(found: Headers, sender: str, authserv_id: str) -> str:
    """ "dmarc=pass" where our border server says so of this very sender's domain, else ""."""
    verdict = _COMMENT.sub("", _own_verdict(found, authserv_id.strip().lower()))
    passed = _DMARC_PASS.search(verdict)
    if not passed:
        return ""
    named = _HEADER_FROM.search(passed[1])
    aligned = named is not None and named[1].lower().rpartition("@")[2].strip(".") == addresses.domain(sender)
    return "dmarc=pass" if aligned else ""


def _own_verdict(found: Headers, authserv_id: str) -> str:
    """The topmost field of our border server above every Received, local delivery (LMTP) aside: what stands below
    came along with the mail and may be forged.
    """
    for name, value in found.fields if authserv_id else ():
        if name == "received" and not _LOCAL_DELIVERY.search(value):
            return ""
        if name == "authentication-results" and _server(value) == authserv_id:
            return value.partition(";")[2]
    return ""


def _server(value: str) -> str:
    words = value.partition(";")[0].split()
    return words[0].lower() if words else ""
