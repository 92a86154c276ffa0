"""Logs: one JSON object per line, or coloured lines on a terminal, from structlog and the standard library alike."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer

from hub.options import LogOptions

QUIET = ("alembic", "asyncio", "httpcore2", "httpx2", "openai", "websockets")
"""Loggers that write down what goes over the wire, or each request."""

_SECRET_WORDS = ("token", "secret", "authorization", "password", "cookie")


def configure(options: LogOptions) -> None:
    """Set up logging for the process. Called once, by the command line; a program that embeds the hub keeps its own."""
    console = options.format == "console" or (options.format == "auto" and sys.stdout.isatty())
    level = logging.getLevelNamesMapping()[options.level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
    ]
    last: list[Any] = (
        [
            escape_unprintable,
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
        if console
        else [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def mask_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace the value of any field that is named like a secret."""
    for name in event:
        if name != "token_id" and any(word in name.lower() for word in _SECRET_WORDS):
            event[name] = "***"
    return event


def escape_unprintable(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Write out what a terminal would obey (CWE-150), or what it can't show: a path comes from anyone."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = "".join(char if char.isprintable() else repr(char)[1:-1] for char in value)
    return event


def _json(event: dict[str, Any], **_: Any) -> str:
    try:
        return orjson.dumps(event, default=str).decode()
    except TypeError:  # lone surrogates, integers beyond 64 bits, odd keys: slower, but no line is lost
        return json.dumps(event, default=str, skipkeys=True)
