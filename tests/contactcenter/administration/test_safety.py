"""Production refuses to start until what must be right is right."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from config.checks import refuse_unsafe_production
from contactcenter.administration import safety
from crm.models import User


@pytest.fixture
def production(settings: Settings, db: None) -> Settings:
    """A production in order."""
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.SECRET_KEY = "s" * 50
    settings.ENCRYPTION_KEYS = ["e" * 50]
    settings.BASE_URL = "https://sportello.roccaverde.example"
    return settings


def test_a_production_in_order_may_start(production: Settings) -> None:
    assert safety.objections() == []
    refuse_unsafe_production()


def test_development_may_start_with_demo_people(db: None) -> None:
    User.objects.create_user("anna", is_demo=True)
    assert safety.objections() == []


def test_production_refuses_the_demo_people_by_name(production: Settings) -> None:
    User.objects.create_user("anna", is_demo=True)
    User.objects.create_user("bruno", is_demo=True)
    (sentence,) = safety.objections()
    assert sentence.startswith("The demo people are in this database (anna, bruno)")


def test_deactivated_demo_people_do_no_harm(production: Settings) -> None:
    User.objects.create_user("anna", is_demo=True, is_active=False)
    assert safety.objections() == []


@pytest.mark.parametrize(
    ("setting", "value", "begins"),
    [
        ("SECRET_KEY", "", "SECRET_KEY (signs sessions and links) is missing"),
        ("SECRET_KEY", "short", "SECRET_KEY (signs sessions and links) is missing or shorter"),
        ("ENCRYPTION_KEYS", [], "ENCRYPTION_KEY (encrypts the secrets of channel accounts) is missing"),
        ("ENCRYPTION_KEYS", ["e" * 50, "old"], "ENCRYPTION_KEY (encrypts the secrets of channel accounts) is missing"),
        ("BASE_URL", "http://sportello.roccaverde.example", "BASE_URL must begin with https://"),
        ("BASE_URL", "https://localhost", "BASE_URL names this machine only"),
        ("DEBUG", True, "DEBUG is on"),
    ],
)
def test_each_thing_that_is_missing_is_said(production: Settings, setting: str, value: object, begins: str) -> None:
    setattr(production, setting, value)
    (sentence,) = safety.objections()
    assert sentence.startswith(begins)


def test_a_web_server_refuses_too(production: Settings) -> None:
    production.BASE_URL = "http://sportello.roccaverde.example"
    with pytest.raises(SystemExit, match="Sportello does not start:\nBASE_URL must begin"):
        refuse_unsafe_production()


def test_djangos_own_check_refuses_too(production: Settings) -> None:
    production.ENCRYPTION_KEYS = []
    assert [error.id for error in run_checks(tags=["production"])] == ["sportello.E001"]
