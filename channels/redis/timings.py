"""How long Redis takes, by script. Counted in plain numbers, since every call passes here; read when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from channels.redis.script import Call, Reply, Script

BOUNDS: Final = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5)
"""Upper ends, in seconds, of the buckets; a last one has what took longer."""

_script = attrgetter("script")


class Timing:
    """What is known of one script.

    Attributes:
        buckets: calls by the time that their round trip took, one more than there are `BOUNDS`.
        seconds: of all their round trips together.
        failed: calls among them that Redis refused, or whose answer never came.
    """

    __slots__ = ("buckets", "failed", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0
        self.failed = 0


class Timings:
    """Counts calls. Who shares a round trip is given the whole of it: that is how long it waited.

    Attributes:
        scripts: what is known, by the scripts' names.
    """

    def __init__(self) -> None:
        self.scripts: dict[str, Timing] = {}

    def note(self, calls: Sequence[Call], replies: Sequence[Reply], seconds: float) -> None:
        """Count the calls of one round trip, or of several if some of them had to be sent again."""
        bucket = bisect_left(BOUNDS, seconds)
        for script, number in Counter(map(_script, calls)).items():
            timing = self._of(script)
            timing.buckets[bucket] += number
            timing.seconds += number * seconds
        for call, reply in zip(calls, replies, strict=True):
            if isinstance(reply, Exception):
                self._of(call.script).failed += 1

    def _of(self, script: Script) -> Timing:
        timing = self.scripts.get(script.name)
        if timing is None:
            timing = self.scripts[script.name] = Timing()
        return timing
