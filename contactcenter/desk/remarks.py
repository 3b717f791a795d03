"""Oddities that a channel or the house noticed about a message, as sentences for the agent."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from crm.models import Message

WORDS: Mapping[str, Promise] = {
    "other-sender": gettext_lazy("Somebody else wrote this than the person the conversation is with."),
    "reply-to-differs": gettext_lazy("They ask for answers at another address than they wrote from."),
    "display-name-differs": gettext_lazy("The name they show is another address than the one they wrote from."),
    "several-senders": gettext_lazy("This message names several senders."),
    "web-form": gettext_lazy("This came from a form on a web site; the address in it was typed by hand."),
    "not-addressed": gettext_lazy("Our address is not among the recipients: this may be a copy."),
    "edited": gettext_lazy("The citizen changed this message; the earlier words are folded below."),
    "oversize": gettext_lazy("The whole was too large: only its beginning was fetched."),
    "encrypted": gettext_lazy("This is encrypted; we keep it as a file, but can't read it."),
    "signed": gettext_lazy("This is digitally signed; the signature was not checked."),
    "signed-opaque": gettext_lazy("This is digitally signed in a way we can't open; we keep it as a file."),
    "invitation": gettext_lazy("An invitation to a meeting is among the files."),
    "too-many-parts": gettext_lazy("This has more parts than we read; the whole is kept as a file."),
    "text-cut": gettext_lazy("The text was too long: its beginning is shown, the whole is kept as a file."),
    "files-cut": gettext_lazy("There were more files than we keep."),
    "pec-unverified": gettext_lazy("Certified mail; the provider's signature was not checked."),
    "pec-anomaly": gettext_lazy("Ordinary mail passed on by a certified mail provider."),
}
AUTOMATIC: Mapping[str, Promise] = {
    "auto-reply": gettext_lazy("An automatic reply: nobody wrote this by hand."),
    "auto-generated": gettext_lazy("Written by a program."),
    "list": gettext_lazy("Sent to a mailing list."),
    "bounce": gettext_lazy("A report that our mail could not be delivered."),
    "own": gettext_lazy("Sent from an address of our own."),
}
PROVEN = "pass"


def sentences(message: Message) -> list[str]:
    """What the agent should know before believing or answering. Proofs that hold need no words."""
    found = [str(AUTOMATIC[message.automatic])] if message.automatic in AUTOMATIC else []
    return found + [text for remark in message.remarks if (text := _sentence(str(remark)))]


def _sentence(remark: str) -> str:
    known = WORDS.get(remark)
    if known is not None:
        return str(known)
    proof, equals, verdict = remark.partition("=")
    if equals and " " not in proof:
        failed = _("The sender's domain says this mail is not genuine (%(proof)s).") % {"proof": remark[:60]}
        return "" if verdict.startswith(PROVEN) else failed
    return remark if " " in remark else ""  # whole sentences are shown as they are
