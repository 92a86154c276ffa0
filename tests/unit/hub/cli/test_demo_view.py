"""What a demo shows."""

from __future__ import annotations

import asyncio
import io
from collections import Counter

import pytest

from hub.cli import demo_view
from hub.cli.demo_view import View, latest
from hub.cli.demo_watch import Seen
from hub.cli.terminal import Terminal
from tests.live import until


def seen() -> dict[str, Seen]:
    return {
        "system_alerts": Seen(Counter(alert=2, system_stats=1), ("alert", {"summary": "too\x1b[31m hot"})),
        "memory_updates": Seen(),
    }


def test_a_line_for_each_channel() -> None:
    """With the types that came; nothing is said of what didn't come."""
    view = View(Terminal(io.StringIO(), io.StringIO()), seen(), {}, "")
    assert list(view.lines()) == [
        "system_alerts: 3 events (alert 2, system_stats 1)",
        "memory_updates: 0 events",
    ]


def test_the_newest_publication_in_a_line() -> None:
    """What says the most; and nothing that steers the terminal."""
    assert latest(seen()["system_alerts"]) == "alert: summary too\\u001b[31m hot"
    assert latest(Seen(Counter(x=1), ("x", {"a": 1, "b": "c", "d": 2.5}))) == "x: a 1, d 2.5"
    assert latest(Seen()) == "nothing yet"
    assert latest(Seen(Counter(x=1), ("x", [1]))) == "x"


async def test_a_pipe_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the console's address."""
    monkeypatch.setattr(demo_view, "_LINE_EVERY", 0.01)
    terminal = Terminal(io.StringIO(), io.StringIO())
    err = terminal.err
    assert isinstance(err, io.StringIO)
    showing = asyncio.create_task(View(terminal, seen(), {}, "http://127.0.0.1:1").run())
    await until(lambda: "system_alerts 3, memory_updates 0" in err.getvalue())
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)
    assert err.getvalue().startswith("the console is at http://127.0.0.1:1/\n")


async def test_a_terminal_gets_a_live_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """With channels and acts."""
    monkeypatch.setattr(demo_view, "_EVERY", 0.01)
    terminal = Terminal(io.StringIO(), io.StringIO(), interactive=True)
    out = terminal.out
    assert isinstance(out, io.StringIO)
    doing = {"database pool": "10 callers"}
    showing = asyncio.create_task(View(terminal, seen(), doing, "http://127.0.0.1:1").run())
    await until(lambda: "10 callers" in out.getvalue() and "alert" in out.getvalue(), 5.0)
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)
    assert "\x1b[31m hot" not in out.getvalue()
