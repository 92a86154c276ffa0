"""How long Redis takes, as it is counted."""

from __future__ import annotations

from channels.redis.connection import Lost
from channels.redis.script import CLAIM, READ, Call
from channels.redis.timings import BOUNDS, Timings


def test_calls_of_one_round_trip() -> None:
    """Each has its whole time, its script's name, and its own outcome."""
    timings = Timings()
    calls = [Call(CLAIM, (b"a",), ()), Call(READ, (b"a",), ()), Call(CLAIM, (b"b",), ())]
    timings.note(calls, [1, None, Lost("gone")], 0.002)
    timings.note(calls[:1], [0], 0.5)
    claim, read = timings.scripts["claim"], timings.scripts["read"]
    assert (sum(claim.buckets), claim.seconds, claim.failed) == (3, 0.504, 1)
    assert (sum(read.buckets), read.seconds, read.failed) == (1, 0.002, 0)


def test_a_bucket_has_its_upper_end() -> None:
    """As Prometheus' `le` says; what takes longer than all is in a last one."""
    timings = Timings()
    for seconds in (BOUNDS[0], BOUNDS[0] * 1.01, BOUNDS[-1] * 10):
        timings.note([Call(CLAIM, (b"a",), ())], [1], seconds)
    assert timings.scripts["claim"].buckets == [1, 1, *[0] * (len(BOUNDS) - 2), 1]
