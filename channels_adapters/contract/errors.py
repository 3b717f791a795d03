"""What an adapter raises, and who understands it how."""

from __future__ import annotations


class Untrusted(Exception):
    """The signature, token or secret is wrong or missing. Nothing is stored; the caller gets 403."""


class Unparseable(Exception):
    """The item can't be understood. It is kept as undeliverable, readable and replayable."""

    client_id: str = ""  # of the message it concerns, where that much was understood: a live page marks it as failed


class Unsupported(Exception):
    """This channel can't do that."""


class SendError(Exception):
    """Sending failed. `permanent`: no retry helps. `ambiguous`: the provider may have taken it all the same."""

    def __init__(self, reason: str, *, permanent: bool = False, ambiguous: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason  # a sentence for the agent, free of secrets and personal data
        self.permanent = permanent
        self.ambiguous = ambiguous
