"""Measurements as doubles for the tests of what is made out of them."""

from __future__ import annotations

from benchmarks.load import Run
from benchmarks.options import Options, parse
from benchmarks.results import FanOut, Results


def run(delivered: int = 300_000, expected: int = 300_000, *, cpu: float = 0.5, error: str = "") -> Run:
    """A run of 300 messages in which everything went well but what is given."""
    return Run(
        messages=300,
        delivered=delivered,
        expected=expected,
        seconds=1.5,
        answered=300,
        publish_failed=0,
        incomplete=0,
        bad_samples=0,
        closed=0,
        stray=0,
        stuck_cut=0,
        samples=19_200,
        p50_us=70_000,
        p99_us=170_000,
        max_us=180_000,
        frame_bytes=220.4,
        cpu=cpu,
        error=error,
    )


def fan_out(
    peer: str, server_cpu: float, *, number: int = 1, scenario: str = "fanout", what: Run | None = None
) -> FanOut:
    """A fan-out of `peer` that cost the server `server_cpu` seconds."""
    return FanOut(scenario, peer, number, server_cpu, what or run())


def results(*samples: FanOut) -> Results:
    """Results with these samples, and the titles of the peers that the tests name."""
    titles = {"tocsin": "Tocsin {version}", "c-loop": "C loop", "naive": "naive & slow {version}"}
    return Results(versions={"tocsin": "0.1.0", "naive": "3.14"}, titles=titles, fan_out=list(samples))


def options(*arguments: str) -> Options:
    """Options as the command line gives them."""
    return parse(arguments)
