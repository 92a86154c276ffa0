"""What `notify_channel` costs: the parts that need no clock."""

from __future__ import annotations

import pytest

from benchmarks import notify
from benchmarks.notify import measure, summary, timed_calls
from hub.notify import REFUSED


def test_a_summary_is_in_microseconds() -> None:
    assert summary("burst", [1000, 3000, 2000]) == {"burst_us": 2.0, "burst_p99_us": 3.0}


def test_a_refused_notification_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "notify_channel", lambda channel, type, data: REFUSED)
    with pytest.raises(RuntimeError, match="refused"):
        timed_calls(1)


async def test_every_call_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BURSTS": 2, "CALLS": 5, "SINGLES": 3, "PAUSE_SECONDS": 0.0}.items():
        monkeypatch.setattr(notify, name, value)
    measured = await measure()
    assert measured["calls"] == 13
    assert set(measured) == {"calls", "burst_us", "burst_p99_us", "single_us", "single_p99_us"}
