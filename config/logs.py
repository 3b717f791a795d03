"""Structured logs. Events carry names, counts and public ids; never words, names or addresses of people."""

import logging
import sys
import traceback
from types import TracebackType

import structlog

# What third-party code likes to log along and what is personal, or may be.
DROPPED = {"request", "body", "text", "email", "username", "password", "token", "cookie", "authorization", "value"}

DEEPEST_CHAIN = 5  # causes of causes


def _drop_personal(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {key: value for key, value in event.items() if key not in DROPPED}


def _trace_without_words(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Where it happened and what kind it was. The words of an exception and the values around it may be a citizen's."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_chain(error))
    return event


def _chain(error: BaseException | None) -> list[str]:
    told: list[str] = []
    while error is not None and len(told) < DEEPEST_CHAIN:
        told.append(f"{type(error).__module__}.{type(error).__qualname__}\n{_places(error.__traceback__)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


def _places(trace: TracebackType | None) -> str:
    return "\n".join(f"  {one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(trace))


def configure(*, level: str, as_json: bool, words_of_errors: bool = False) -> None:
    """`words_of_errors` is for developers, who need them and have no citizens."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _drop_personal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    trace = structlog.processors.format_exc_info if words_of_errors else _trace_without_words
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, trace, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Started by its own command, uvicorn has set up handlers of its own, which print exceptions with their words.
    for server in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(server).handlers = []
        logging.getLogger(server).propagate = True
    # These write addresses, query strings or one line per request.
    # Celery writes the words of exceptions into its message: config/celery.py tells of failures instead.
    logging.getLogger("celery.app.trace").setLevel(logging.CRITICAL)
    for noisy in (
        "uvicorn.access",
        "uvicorn.error",
        "axes",
        "httpx",
        "django.request",
        "django.security",
        "mail.log",
        "celery",
        "tnefparse",
    ):
        logging.getLogger(noisy).setLevel(
            logging.ERROR if noisy in {"django.request", "tnefparse"} else logging.WARNING
        )
