"""How a pool is sized, how long things may take, and what is told about it."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """Every bound of a `DynamicPool`. Times in seconds, shares in %; 0 switches off what says so.

    Attributes:
        name: the pool in messages, when a process has several.
        minimum: the size that it never shrinks below, and connections that are kept open.
        maximum: server connections that there are at most, at any instant: in use, idle, being opened or being closed.
        initial: the size at the start; `minimum` when it isn't given.
        overflow: connections beyond the size that may be opened at once for borrowers who would wait otherwise, never
            beyond `maximum`. They are closed at the next sample after they come back.
        waiters: borrowers that may wait at a time; the next one is refused.
        acquire_timeout: longest wait for a connection, unless the borrower says otherwise.
        connect_timeout: longest time to open one.
        reset_timeout: longest time to clean one that comes back; then it is cut.
        close_timeout: longest time to close one in peace, and for borrowers to bring theirs back when the pool closes.
        settle: how long a connection that was cut still counts: the server may take that long to notice.
        sample_interval: between two samples of the load. Connections beyond the size are retired, and leaks looked for,
            at the same time.
        grow_above: utilisation above which the pool grows.
        grow_samples: samples in a row that must be above it.
        grow_by: step in % of the size, at least 1.
        overflow_samples: samples in a row in which more connections were wanted than the size.
        overflow_by: step in % after those, at least 1.
        shrink_below: utilisation below which the pool shrinks; well below `grow_above`.
        shrink_samples: samples in a row that must be below it.
        shrink_by: step in % of the size, at least 1.
        grow_cooldown: after any change, no growth for so long.
        shrink_cooldown: after any change, no shrinking for so long.
        window: what rates, averages and maxima are measured over: the last so many seconds.
        stats_interval: between two `stats_update`; 0: none.
        leak_after: a connection that is held for longer is suspected to be forgotten; 0: none is.
        leak_frames: frames of the borrower's stack that are kept; 0: none.
        slow_query: a query that takes longer is reported; 0: none is.
        query_text: characters of a slow query's text that are told; 0: none. Parameters never are.
        notices_per_minute: leaks and slow queries that are told, of each kind; all are counted.
    """

    name: str = "main"
    minimum: int = 5
    maximum: int = 50
    initial: int | None = None
    overflow: int = 5
    waiters: int = 1_000
    acquire_timeout: float = 30.0
    connect_timeout: float = 10.0
    reset_timeout: float = 10.0
    close_timeout: float = 10.0
    settle: float = 1.0
    sample_interval: float = 1.0
    grow_above: float = 80.0
    grow_samples: int = 3
    grow_by: float = 20.0
    overflow_samples: int = 2
    overflow_by: float = 30.0
    shrink_below: float = 20.0
    shrink_samples: int = 30
    shrink_by: float = 20.0
    grow_cooldown: float = 5.0
    shrink_cooldown: float = 60.0
    window: float = 60.0
    stats_interval: float = 60.0
    leak_after: float = 60.0
    leak_frames: int = 8
    slow_query: float = 1.0
    query_text: int = 500
    notices_per_minute: int = 10

    def __post_init__(self) -> None:
        """Refuse what can't work.

        Raises:
            ValueError: naming the option, what was expected and what came.
        """
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if not least <= value < float("inf"):
                raise ValueError(f"{name}: expected at least {least} and no infinity, came {value}")
        for name in ("acquire_timeout", "connect_timeout", "reset_timeout", "close_timeout", "sample_interval"):
            _above_zero(name, getattr(self, name))
        for name in ("grow_by", "overflow_by", "shrink_by", "window"):
            _above_zero(name, getattr(self, name))
        if not self.minimum <= self.start <= self.maximum:
            raise ValueError(
                f"expected minimum <= initial <= maximum, came {self.minimum}, {self.start} and {self.maximum}"
            )
        if not self.shrink_below < self.grow_above <= 100:
            raise ValueError(
                f"expected shrink_below < grow_above <= 100, came {self.shrink_below} and {self.grow_above}: "
                "without a gap the pool would swing"
            )
        if not self.name or len(self.name) > 256:
            raise ValueError(f"name: expected 1 to 256 characters, came {len(self.name)}")

    @property
    def start(self) -> int:
        """The size at the start."""
        return self.minimum if self.initial is None else self.initial


def _above_zero(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"{name}: expected a number above 0, came {value}")


_ONE = {"minimum", "maximum", "waiters", "grow_samples", "overflow_samples", "shrink_samples"}
_LEAST = {
    field.name: 1 if field.name in _ONE else 0 for field in fields(PoolOptions) if field.name not in {"name", "initial"}
}
"""The least that each number may be."""
