"""Exceptions as text."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from structlog.dev import ConsoleRenderer

from integrations.rag_trainer.faults import in_words, trace_of


def test_an_exception_in_words_is_short_and_has_no_password() -> None:
    """On one line."""
    assert in_words(ValueError()) == "ValueError: no more is known"
    away = ConnectionError("bolt://neo4j:se@cret@db:7687\nis away")
    assert in_words(away) == "ConnectionError: bolt://db:7687 is away"
    assert len(in_words(ValueError("x" * 100_000))) < 500


def test_what_the_system_refuses_says_what_to_look_at(tmp_path: Path) -> None:
    """Paths and disks; of an address that can't be reached it would mislead."""
    advice = " (look at the path, its rights, and the free space)"
    assert in_words(OSError(28, "No space left on device", "x")).endswith(f"No space left on device: 'x'{advice}")
    assert advice not in in_words(TimeoutError("timed out"))
    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect(tmp_path / "none" / "x.sqlite")
    assert in_words(caught.value).endswith(advice)
    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect(":memory:").execute("SELECT * FROM x")
    assert in_words(caught.value) == "OperationalError: no such table: x"


def _refuse(password: str) -> None:
    raise ValueError(f"not with {len(password)} letters at http://user:pass@host/")


def test_a_trace_shows_where_and_never_variables() -> None:
    """As a logger prints it; `exc_info` would show the password, which is a variable on the way."""
    with pytest.raises(ValueError, match="not with") as caught:
        _refuse("hunter" + "-two")
    shown = ConsoleRenderer(colors=False)(None, "", {"event": "it failed", "exception": trace_of(caught.value)})
    assert "in _refuse" in shown
    assert "ValueError: not with 10 letters at http://host/" in shown
    assert "hunter-two" not in shown
    exposed = ConsoleRenderer(colors=False)(None, "", {"event": "it failed", "exc_info": caught.value})
    assert "hunter-two" in exposed


def test_a_trace_is_bounded() -> None:
    """In length and in time, whatever the text is."""
    text = ("//" + "a" * 200) * 5_000
    begun = time.process_time()
    trace = trace_of(ValueError(text))
    assert len(trace) <= 20_000
    assert time.process_time() - begun < 1.0
