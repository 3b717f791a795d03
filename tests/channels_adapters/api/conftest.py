from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings as DjangoSettings

from channels_adapters.api.adapter import Adapter
from channels_adapters.api.settings import Settings
from channels_adapters.contract import AccountFacts
from tests.channels_adapters.loopback import Loopback, http_server

SECRET = "two-programs-share-this-in-tests"


@pytest.fixture(autouse=True)
def english(settings: DjangoSettings) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def program(settings: DjangoSettings) -> Iterator[Loopback]:
    """The office's own program, listening on this machine, which the administrator allowed."""
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1"]
    with http_server() as loopback:
        yield loopback


@pytest.fixture
def adapter() -> Callable[..., Adapter]:
    def build(**values: Any) -> Adapter:
        return Adapter(Settings(**{"secret": SECRET, **values}), AccountFacts(slug="modulo-web", name="Modulo web"))

    return build
