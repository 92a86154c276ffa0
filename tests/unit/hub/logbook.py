"""The log as the command line sets it up, for one test, and its lines."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from hub.logs import configure
from hub.options import LogOptions

_QUIETED = ("asyncio", "websockets")


@contextmanager
def logging_as(options: LogOptions) -> Iterator[None]:
    """Log to what is standard output now; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in _QUIETED}
    was_configured, was = structlog.is_configured(), structlog.get_config()
    configure(options)
    try:
        yield
    finally:
        if was_configured:
            structlog.configure(**was)
        else:
            structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, number in levels.items():
            logging.getLogger(name).setLevel(number)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged as JSON since the last call."""
    out, err = capsys.readouterr()
    assert err == ""
    return [json.loads(line) for line in out.splitlines()]
