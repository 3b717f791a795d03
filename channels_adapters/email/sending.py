"""Handing a mail to the server, and saying truly what became of it."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _

from channels_adapters.contract import Outbound, Receipt, SendError
from channels_adapters.email import composing
from channels_adapters.email.settings import Settings

TIMEOUT = 30  # seconds


class Watch:
    """What happened on a connection, where exceptions alone don't tell."""

    def __init__(self) -> None:
        self.handing_over = False  # the words themselves are on their way: from here on nobody knows for sure
        self.refused = 0  # recipients that the server declined while it took others

    def over(self, smtp: Any, *, empty_envelope: bool) -> None:
        """Look on while `smtp` sends one mail. It is used for this mail only, so replacing its methods is safe."""
        data, sendmail = smtp.data, smtp.sendmail

        def watched_data(message: Any) -> Any:
            self.handing_over = True
            return data(message)

        def watched_sendmail(sender: str, *args: Any, **options: Any) -> Any:
            refused = sendmail("" if empty_envelope else sender, *args, **options)
            self.refused = len(refused)
            return refused

        smtp.data, smtp.sendmail = watched_data, watched_sendmail


def send(outbound: Outbound, settings: Settings, office: str) -> Receipt:
    """Send one mail. Raises `SendError`."""
    if not outbound.to:
        raise SendError(_("This message has no recipient. Choose an address and send again."), permanent=True)
    mail = composing.compose(outbound, settings, office)
    connection = connect(settings)
    watch = Watch()
    with reached(connection):
        smtp = getattr(connection, "connection", None)
        if isinstance(smtp, smtplib.SMTP):
            watch.over(smtp, empty_envelope=outbound.automatic and settings.empty_envelope)
        _hand_over(connection, mail, watch)
    if watch.refused:
        sentence = _("The mail server refused %(count)s of the recipients; the others have the message.")
        raise SendError(sentence % {"count": watch.refused}, permanent=True)
    return Receipt(external_id=_final_id(mail))


def connect(settings: Settings) -> BaseEmailBackend:
    """The back end that the installation or the account names; not yet connected."""
    if settings.sending == "installation":
        backend: BaseEmailBackend = get_connection(fail_silently=False)
        return backend
    return EmailBackend(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user,
        password=settings.smtp_password,
        use_tls=settings.smtp_security == "starttls",
        use_ssl=settings.smtp_security == "ssl",
        timeout=TIMEOUT,
        fail_silently=False,
    )


@contextmanager
def reached(connection: BaseEmailBackend) -> Iterator[None]:
    """An open connection. Raises `SendError` when it can't be had: nothing was sent then, a repeat is safe."""
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError as error:
        raise SendError(_("The mail server refused our user or password. Tell the administrator.")) from error
    except UnicodeError as error:
        raise SendError(
            _("The mail server takes no such letters in user or password. Tell the administrator.")
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise SendError(_("The mail server can't be reached. The message waits and is sent again.")) from error
    try:
        yield
    finally:
        with suppress(OSError, smtplib.SMTPException):  # the mail is handed over or not: a rude goodbye changes nothing
            connection.close()


def _hand_over(connection: BaseEmailBackend, mail: EmailMultiAlternatives, watch: Watch) -> None:
    try:
        taken = connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        raise _recipients_refused(error) from error
    except smtplib.SMTPResponseException as error:  # sender refused, data refused
        raise _answered(error.smtp_code) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _broken_off(connection, watch) from error
    except ValueError as error:  # Django: a header that could not be written
        raise SendError(
            _("This message can't be written as a mail. Check subject and address."), permanent=True
        ) from error
    except Exception as error:  # providers' back ends raise what they like: better unknown than lost
        raise _by_provider(error) from error
    if not taken:
        raise SendError(_("The mail system took nothing and gave no reason. It is tried again."))


def _recipients_refused(error: smtplib.SMTPRecipientsRefused) -> SendError:
    codes = [int(answer[0]) for answer in error.recipients.values()]
    if codes and all(400 <= code < 500 for code in codes):
        return SendError(_("The mail server can't take mail for this address just now. It is tried again."))
    sentence = _("The mail server refuses this address. Ask for another one or use another channel.")
    return SendError(sentence, permanent=True)


def _answered(code: int) -> SendError:
    if 400 <= code < 500:
        return SendError(
            _("The mail server could not take the message just now (%(code)s). It is tried again.") % {"code": code}
        )
    sentence = _("The mail server refused the message (%(code)s). Change it or tell the administrator.")
    return SendError(sentence % {"code": code}, permanent=True)


def _broken_off(connection: BaseEmailBackend, watch: Watch) -> SendError:
    """Before the words were on their way nothing can have been sent. Of a back end we can't watch we don't know."""
    unsure = watch.handing_over or not isinstance(connection, EmailBackend)
    if unsure:
        return SendError(
            _("The connection broke while the mail was handed over. It may have been sent."), ambiguous=True
        )
    return SendError(_("The mail server broke off before the message was handed over. It is tried again."))


def _by_provider(error: Exception) -> SendError:
    """An anymail back end names the provider's HTTP status where it has one."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status < 500 and status != 429:
        return _answered(500 + status % 100)
    if status == 429:
        return _answered(429)
    return SendError(_("The mail provider did not answer clearly. The message may have been sent."), ambiguous=True)


def _final_id(mail: EmailMultiAlternatives) -> str:
    """The id that a provider gave instead of ours, where it is one of mail (RFC 5322); else ""."""
    given = str(getattr(getattr(mail, "anymail_status", None), "message_id", "") or "")
    return given if given.startswith("<") and given.endswith(">") else ""
