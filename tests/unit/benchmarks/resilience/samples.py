"""Outcomes as doubles for the tests of what is made out of them."""

from __future__ import annotations

from typing import Any

from benchmarks.resilience.avalanche import Avalanche
from benchmarks.resilience.jitter import Jitter


def run(subject: str = "Tocsin, calm", **changes: Any) -> Jitter:
    """A run in which everything went well but what is given."""
    values: dict[str, Any] = {
        "subject": subject,
        "clients": 1500,
        "messages": 120,
        "expected": 180_000,
        "delivered": 180_000,
        "wrong": 0,
        "gaps": 0,
        "drops": 0,
        "reconnects": 5000,
        "replays": (0.01, 0.02, 0.035),
        "live": (0.004, 0.01, 0.2),
    }
    return Jitter(**(values | changes))


def fall(**changes: Any) -> Avalanche:
    """An avalanche after which everybody came back and had everything."""
    values: dict[str, Any] = {
        "clients": 3000,
        "down": 2.5,
        "most": 3.1,
        "all": 4.2,
        "messages": 150,
        "drops": 3000,
        "lost": 0,
        "wrong": 0,
        "gaps": 0,
    }
    return Avalanche(**(values | changes))
