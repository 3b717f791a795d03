"""Every setting of an installation. `docs/configuration.md` explains each variable; `manage.py doctor` checks them.

The mode follows from two variables: DATABASE_URL (nothing = SQLite), REDIS_URL (nothing = everything in one process)
"""

import hashlib
import secrets
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from kombu import Exchange, Queue

from channels_adapters import registry
from config import databases, environment as env, logs

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules

# --- where things are ---
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "data"))).resolve()
DEBUG = env.flag("DEBUG")
PRODUCTION = env.flag("PRODUCTION")
SEED_DEMO = env.flag("DEMO", not PRODUCTION) and not PRODUCTION  # `make run` furnishes an empty installation
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000)
BASE_URL = env.text("BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_PUBLIC_HOST = urlsplit(BASE_URL).hostname or "127.0.0.1"
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", f"{_PUBLIC_HOST},127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
ATTACHMENTS_DIR = DATA_DIR / "attachments"


def _kept_secret(name: str) -> str:
    """A secret from the environment; outside production one is made once and kept in the data folder (0600)."""
    given = env.text(name)
    if given or PRODUCTION:
        return given  # empty in production: readiness and `doctor` say so, and start-up refuses
    file = DATA_DIR / f".{name.lower()}"
    if TESTING:
        return hashlib.sha256(name.encode()).hexdigest()
    try:
        if not file.exists():
            DATA_DIR.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SystemExit(
            f"The data folder {DATA_DIR} can't be used ({error.strerror}). Make it writable for this user, "
            "or choose another: make run DATA_DIR=/path."
        ) from None


SECRET_KEY = _kept_secret("SECRET_KEY")
# Encrypts the secrets of channel accounts in the database; kept apart from it. Old keys, after commas, still decrypt.
ENCRYPTION_KEYS = [key.strip() for key in _kept_secret("ENCRYPTION_KEY").split(",") if key.strip()]

# Push services know this house by a key made from it. Empty in production = no push.
PUSH_KEY = _kept_secret("PUSH_KEY")
PUSH_KNOWN_FOR = 0.0 if TESTING else 10.0  # seconds that a process goes by whether any device is subscribed

# --- database, broker, channel layer ---
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
EMBEDDED = not REDIS_URL
DATABASES = {
    "default": databases.from_url(
        DATABASE_URL,
        password=env.text("DATABASE_PASSWORD"),
        data_dir=DATA_DIR,
        pool_size=env.number("DATABASE_POOL", 0 if TESTING else 20),
        prepared=env.flag("DATABASE_PREPARED", True),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES: dict[str, dict[str, object]]
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "config.caches.RedisCache", "LOCATION": REDIS_URL}}
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "contactcenter.live.layers.RedisLayer",
            "CONFIG": {"hosts": [{"address": REDIS_URL, "max_connections": 500}], "prefix": "sportello"},
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "config.caches.OneProcessCache",
            "LOCATION": "sportello",
            "OPTIONS": {"MAX_ENTRIES": 50_000},  # the usual 300 forgets caps as soon as many come at once
        }
    }
    CHANNEL_LAYERS = {"default": {"BACKEND": "contactcenter.live.layers.OneProcessLayer", "CONFIG": {"capacity": 1000}}}

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = {} if REDIS_URL else {"polling_interval": 0.05}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ALWAYS_EAGER = False
# Fetching waits for other people's servers: in a queue of its own, a worker of its own may do it (docs/operations.md).
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), name) for name in ("celery", "fetching")]
CELERY_TASK_ROUTES = {"intake.poll_one": {"queue": "fetching"}, "push.tell": {"queue": "fetching"}}
CELERY_BEAT_SCHEDULER = "contactcenter.administration.schedule:InMemory"  # the stock one writes a file
# Seconds between looks for what a hint didn't reach. In one process a hint is lost only with the process itself.
_SWEEP = 2.0 if REDIS_URL else 5.0
CELERY_BEAT_SCHEDULE = {
    "sweep outbox": {"task": "outbox.sweep", "schedule": _SWEEP, "options": {"expires": _SWEEP}},
    "sweep queues": {"task": "queues.sweep", "schedule": 2.0, "options": {"expires": 2}},
    "sweep deliveries": {"task": "intake.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "poll accounts": {"task": "intake.poll", "schedule": 60.0, "options": {"expires": 60}},
    "seal audit": {"task": "audit.seal", "schedule": _SWEEP, "options": {"expires": _SWEEP}},
    "sweep webhooks": {"task": "webhooks.sweep", "schedule": _SWEEP, "options": {"expires": _SWEEP}},
    "forget what programs repeat no more": {"task": "programs.forget", "schedule": 3600.0, "options": {"expires": 600}},
    "forget what intake needs no more": {"task": "intake.forget", "schedule": 3600.0, "options": {"expires": 600}},
    "forget who signed in": {"task": "people.forget", "schedule": 3600.0, "options": {"expires": 600}},
    "forget notices": {"task": "notices.forget", "schedule": 3600.0, "options": {"expires": 600}},
    "notice visitors who left": {"task": "intake.close_abandoned", "schedule": 15.0, "options": {"expires": 15}},
}

# --- applications ---
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "anymail",
    "axes",
    "channels",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "crm",
    "contactcenter",
]
AUTH_USER_MODEL = "crm.User"
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            BASE_DIR / "config" / "templates",
            *sorted((BASE_DIR / "contactcenter").glob("*/templates")),
            *registry.folders_with("templates"),
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "contactcenter.desk.look.of_page",
            ]
        },
    }
]

# --- people ---
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "contactcenter.desk.look.SignedIn"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "contactcenter.intake.caps.source"  # a proxy's own address would lock everybody out at once
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False  # it would log user names
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "login"
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if BASE_URL.startswith("https://") else 0  # who may frame a page: see the CSP below

# --- what a page of ours may load. No unsafe-*; the citizen's frame and e-mail bodies tighten or open it themselves ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- words and time ---
LANGUAGE_CODE = env.text("LANGUAGE_CODE", "it")
LANGUAGES = [("it", "Italiano"), ("en", "English"), ("es", "Español"), ("uk", "Українська")]
LOCALE_PATHS = [BASE_DIR / "crm" / "locale", BASE_DIR / "contactcenter" / "locale", *registry.folders_with("locale")]
TIME_ZONE = env.text("TIME_ZONE", "Europe/Rome")
COUNTRY = env.text("COUNTRY", "IT")  # ISO 3166 alpha-2: where a telephone number without + belongs
USE_I18N = USE_TZ = True

# --- files ---
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
# The public administration's design system, for citizens' pages; only its static files, not its templates.
_design = find_spec("bootstrap_italia_template")
STATICFILES_DIRS = [
    *[("bootstrap-italia", Path(place) / "static") for place in (_design and _design.submodule_search_locations) or ()],
    *sorted((BASE_DIR / "contactcenter").glob("*/static")),
    *registry.folders_with("static"),
    *[
        (f"npm/{name}", path)
        for name, path in {
            "bootstrap": BASE_DIR / "node_modules" / "bootstrap" / "dist",
            "idiomorph": BASE_DIR / "node_modules" / "idiomorph" / "dist",
        }.items()
        if path.is_dir()
    ],
]
WHITENOISE_USE_FINDERS = True  # serves from the source folders: nothing to collect in embedded mode
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("MAX_BODY_MB", 30) * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- programs ---
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "contactcenter.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "contactcenter.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "contactcenter.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sportello",
    "DESCRIPTION": "Citizens, cases, interactions, messages and work items of this contact centre.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "CaseStatus": ["open", "waiting", "resolved", "closed"],
        "InteractionStatus": ["open", "closed"],
        "ContactPointStatus": ["claimed", "verified"],
    },
}

# --- mail that the installation itself sends; django-anymail's backends work here too (docs/configuration.md) ---
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 30
ANYMAIL = env.group("ANYMAIL_")

# --- logs: structured, without personal data ---
LOGGING_CONFIG = None
if not TESTING:
    logs.configure(level=env.text("LOG_LEVEL", "INFO"), as_json=env.flag("LOG_JSON", PRODUCTION), words_of_errors=DEBUG)

# --- the public doors ---
CAPS_ENABLED = env.flag("CAPS_ENABLED", True)
# Seconds that a door goes by what it read of its account; one that was switched off refuses by then everywhere.
ACCOUNTS_KEPT_FOR = 0.0 if TESTING else 2.0
# Host names that the outbound fetcher may reach inside the network.
PRIVATE_HOSTS_ALLOWED = env.words("PRIVATE_HOSTS_ALLOWED")
CLAMD_SOCKET = env.text("CLAMD_SOCKET")  # scanner for attachments; nothing set = files are shown as "not scanned"
# Days for which the raw bytes of what was understood or discarded are kept.
KEEP_DELIVERIES_DAYS = env.number("KEEP_DELIVERIES_DAYS", 30)
# Days for which the bell remembers what it told.
KEEP_NOTICES_DAYS = env.number("KEEP_NOTICES_DAYS", 90)
METRICS_TOKEN = env.text("METRICS_TOKEN")  # empty = /metrics only from this machine
