"""The bell remembers for as long as the installation says."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from contactcenter.queues import notices
from contactcenter.queues.models import Notice
from crm.models import Interaction, User
from tests.contactcenter.desk.conftest import giulia, write

__all__ = ["giulia", "write"]


@pytest.mark.django_db
@pytest.mark.parametrize("read", [True, False])
def test_a_notice_goes_once_it_is_older_than_the_installations_days(
    read: bool, giulia: Interaction, anna: User, settings: Settings
) -> None:
    settings.KEEP_NOTICES_DAYS = 30
    now = timezone.now()
    for days in (31, 29):
        told = now - dt.timedelta(days=days)
        Notice.objects.create(
            user=anna, about=Notice.About.MOVED, interaction=giulia, at=told, read_at=told if read else None
        )
    assert notices.forget(now) == 1
    assert [(now - row.at).days for row in notices.newest(anna)] == [29]
    assert notices.forget(now) == 0
