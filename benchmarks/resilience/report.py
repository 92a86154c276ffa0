"""What was measured, as tables with the goals beside it."""

from __future__ import annotations

from benchmarks.resilience.avalanche import Avalanche
from benchmarks.resilience.crossing import Crossing
from benchmarks.resilience.jitter import Jitter
from benchmarks.resilience.publishing import Publishing
from benchmarks.stats import short
from benchmarks.table import Column, render

PUBLISHED = (
    ("AnyCable, 10,000 clients", "100", "0.25", "4.1", "6.1"),
    ("uWebSockets.js, 10,000 clients", "87", "", "", ""),
    ("Socket.IO, 10,000 clients", "84.6", "", "", ""),
)
"""Figures that AnyCable published for the same shape on other machines; only the shares can be compared."""


def jitter(runs: list[Jitter]) -> str:
    """The table of jitter, ours measured, others as published."""
    columns = [Column("clients cut every 15 s for 2 s", left=True), Column("delivered %"), Column("replay p50 s")]
    columns += [Column("p95 s"), Column("p99 s"), Column("lost"), Column("twice"), Column("gaps"), Column("replays")]
    rows = [
        [
            f"tocsin, {run.clients} clients, {run.fault}",
            f"{run.share:.4g}" if run.delivered == run.expected else f"{min(run.share, 99.99):.2f}",
            *(f"{value:.3f}" for value in run.replays),
            str(run.expected - run.delivered),
            str(run.wrong),
            str(run.refused),
            str(run.reconnects),
        ]
        for run in runs
    ]
    rows += [[*published, "", "", "", ""] for published in PUBLISHED]
    return (
        render(columns, rows)
        + "\nGoal: 100 % delivered, replay p99 under 1 s. The last three as published by AnyCable."
    )


def avalanche(run: Avalanche) -> str:
    """The outcome of an avalanche."""
    return (
        f"{run.clients} clients, the whole hub killed and started again: down {run.down:.1f} s; 95 % back after "
        f"{run.most:.1f} s more, all after {run.all:.1f} s.\n"
        f"{run.messages} messages published meanwhile: {run.lost} lost, {run.wrong} twice or out of order, "
        f"{run.refused} recoveries refused. Goal: 0 lost."
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
    bare = f"redis-benchmark {short(run.benchmark)}/s" if run.benchmark else "redis-benchmark isn't installed"
    ratio = f"; ratio {run.ratio:.2f}, goal at least 0.5" if run.ratio else ""
    return (
        f"publishing with history: {short(run.tocsin)}/s by one process ({short(run.cpu)} per CPU-second); {bare} with "
        f"the same script on one connection{ratio}."
    )
