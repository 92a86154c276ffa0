"""What was measured, as tables with the goals beside it."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.resilience.avalanche import Avalanche
from benchmarks.resilience.crossing import Crossing
from benchmarks.resilience.jitter import Jitter
from benchmarks.resilience.publishing import Publishing
from benchmarks.stats import short
from benchmarks.table import Column, render


class Published(NamedTuple):
    """A figure that somebody else published for the same shape on other machines. Replays in seconds."""

    subject: str
    share: float
    replays: tuple[float, float, float] | None


PUBLISHED = (
    Published("AnyCable", 100.0, (0.25, 4.1, 6.14)),
    Published("uWebSockets.js", 87.0, None),
    Published("Socket.IO", 84.6, None),
)
"""AnyCable's figures, of 2026: 10,000 clients, 120 messages, 2 a second, cut every 15 s or so for about 2 s."""


def share(run: Jitter) -> str:
    """Percent that were delivered, never rounded up to 100."""
    if run.delivered == run.expected:
        return "100"
    return f"{min(run.share, 99.9999):.6g}" if run.share > 99 else f"{run.share:.3g}"


def jitter(runs: list[Jitter]) -> str:
    """The table of jitter, ours measured, others as published."""
    columns = [Column("clients cut every 15 s for 2 s", left=True), Column("delivered %"), Column("lost")]
    columns += [Column("twice"), Column("gaps"), Column("cut off"), Column("replays"), Column("replay p50 s")]
    columns += [Column("p95 s"), Column("p99 s"), Column("live p50 s"), Column("p99 s")]
    rows = [
        [
            f"{run.subject}, {run.clients} clients",
            share(run),
            *map(str, (run.expected - run.delivered, run.wrong, run.gaps, run.drops, run.reconnects)),
            *(f"{value:.3f}" if run.reconnects else "" for value in run.replays),
            *(f"{value:.3f}" for value in (run.live[0], run.live[2])),
        ]
        for run in runs
    ]
    for other in PUBLISHED:
        replays = [f"{value:g}" for value in other.replays] if other.replays else [""] * 3
        rows.append([f"{other.subject}, as published *", f"{other.share:g}", *[""] * 5, *replays, "", ""])
    return (
        f"{render(columns, rows)}\n"
        "* by AnyCable, measured by them on other machines with 10,000 clients: only the shares can be compared.\n"
        "Goal: 100 % delivered, replay p99 under 1 s."
    )


def avalanche(run: Avalanche) -> str:
    """The outcome of an avalanche."""
    return (
        f"{run.clients} clients, the whole hub and its broker killed and started again: {run.drops} connections lost, "
        f"down {run.down:.1f} s; 95 % back after {run.most:.1f} s more, all after {run.all:.1f} s.\n"
        f"{run.messages} messages published meanwhile: {run.lost} lost, {run.wrong} twice or out of order, "
        f"{run.gaps} gaps. Goal: 0 lost."
    )


def crossing(run: Crossing) -> str:
    """The delays between processes."""
    columns = [Column("publish to delivery", left=True), Column("p50 ms"), Column("p95 ms"), Column("p99 ms")]
    rows = [
        ["worker, valkey, other worker, its client", *(f"{1000 * value:.2f}" for value in run.workers)],
        ["redis-py, valkey, redis-py", *(f"{1000 * value:.2f}" for value in run.redis_py)],
        ["client, worker, valkey, other worker, its client", *(f"{1000 * value:.2f}" for value in run.clients)],
    ]
    return f"{render(columns, rows)}\np50 of the first to the second: {run.ratio:.2f}. Goal: under 2."


def publishing(run: Publishing) -> str:
    """The rates of publishing."""
    bare = "redis-benchmark isn't installed: no ratio"
    if run.benchmark and run.ratio:
        same = "with the same script on one connection"
        bare = f"redis-benchmark {short(run.benchmark)}/s {same}; ratio {run.ratio:.2f}, goal at least 0.5"
    return f"publishing with history: {short(run.tocsin)}/s by one process ({short(run.cpu)} per CPU-second); {bare}."
