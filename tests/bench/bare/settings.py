"""The product's own settings (database, pool, pragmas, channel layer), with nothing around the views."""

from config.settings import *  # noqa: F403 - settings are a namespace
from config.settings import INSTALLED_APPS, TEMPLATES

INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench.bare.apps.Bare"]
MIDDLEWARE = []
ROOT_URLCONF = "tests.bench.bare.urls"
TEMPLATES = [*TEMPLATES]  # APP_DIRS finds ours
