"""What the demo street needs while the house runs: a place for the office's mail, and a chat that the town's page may frame."""

from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _

from contactcenter.accounts import accounts
from contactcenter.accounts.models import ChannelAccount
from contactcenter.demo_street import installation
from contactcenter.demo_street.catcher import Catcher
from contactcenter.demo_street.post import OFFICE

CHAT = "comune"  # slug of the town's chat
LOCAL_HOSTS = ("127.0.0.1", "localhost")
log = structlog.get_logger(__name__)


class NoDemo(Exception):
    """This installation has no demo town."""


class CannotOpen(Exception):
    """There is a town, and its street can't be opened; says why, and what to do."""


def open_street(port: int, *, smtp_host: str = "127.0.0.1", smtp_port: int = 0) -> Catcher | None:
    """Open it where this is a demo installation; `port` is the web server's. None = there is no street here.

    A house whose street can't be opened works all the same, so nothing is raised.
    """
    try:
        return opened(port, smtp_host=smtp_host, smtp_port=smtp_port)
    except NoDemo:
        return None
    except CannotOpen as error:
        log.warning("demo_street.not_opened", error=type(error.__cause__).__name__)
        return None


def opened(port: int, *, smtp_host: str = "127.0.0.1", smtp_port: int = 0) -> Catcher:
    """The same for somebody who wants to know why not. Raises `NoDemo`, `CannotOpen`; both are sentences."""
    try:
        account = ChannelAccount.objects.filter(slug=OFFICE).first() if installation.is_demo() else None
        if account is None:
            raise NoDemo(_("There is no demo town in this installation. Make it first: manage.py demo."))
        _let_the_town_frame_the_chat(port)
        return _catch_mail(account, smtp_host, smtp_port)
    except DatabaseError as error:
        raise CannotOpen(
            _("The database can't be reached or isn't migrated yet. Look at manage.py doctor, then start again.")
        ) from error
    except OSError as error:
        raise CannotOpen(
            _("No mail can be taken at %(host)s. Name an address of this machine, as in --host 127.0.0.1.")
            % {"host": smtp_host}
        ) from error


def _catch_mail(account: ChannelAccount, host: str, port: int) -> Catcher:
    catcher = Catcher(host, port or int(account.settings.get("smtp_port") or 0))
    catcher.start()
    _set(account, smtp_host=catcher.host, smtp_port=catcher.port)
    log.info("demo_street.open", smtp_port=catcher.port)
    return catcher


def _let_the_town_frame_the_chat(port: int) -> None:
    """The pretend town is the same server under another name: to a browser another origin."""
    account = ChannelAccount.objects.filter(slug=CHAT).first()
    if account is not None:
        origins = {f"http://{host}:{port}" for host in LOCAL_HOSTS} | {settings.BASE_URL}
        _set(account, allowed_origins=sorted(origins))


def _set(account: ChannelAccount, **values: Any) -> None:
    """Settings that differ; nothing is written where all is as it was."""
    changed = {name: value for name, value in values.items() if account.settings.get(name) != value}
    if changed:
        accounts.change(account=account, actor=None, settings=changed)
