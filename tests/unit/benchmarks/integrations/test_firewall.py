"""The benchmark of the error firewall: that it measures what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.integrations import firewall
from benchmarks.integrations.firewall import STATES, Check


async def test_each_kind_says_what_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exact matches and rules block, the innocent pass, the alike are warned about; each state of the hub is there."""
    small = {"RECORDS": 400, "RULES": 20, "CHECKS": 50, "ALIKE": 5, "ROUNDS": 3, "CALLS": 3}
    for name, value in small.items():
        monkeypatch.setattr(firewall, name, value)
    checks, guards = await firewall.measure()
    assert [(check.kind, check.said) for check in checks] == [
        ("exact", "block 50"),
        ("rule", "block 50"),
        ("innocent", "allow 50"),
        ("alike", "warn 50"),
    ]
    assert all(0 < check.p50_us <= check.p99_us and check.per_cpu_second > 100 for check in checks)
    assert [guard.hub for guard in guards] == list(STATES)


def test_the_budget_is_for_exact_checks() -> None:
    """One millisecond of the processor; likeness has none."""
    check = Check("exact", 1, "block 1", 1.0, 9_000.0, 999.0, 1, 1)
    assert check.within
    assert not replace(check, cpu_p99_us=1_000.0).within
    assert replace(check, kind="alike", cpu_p99_us=1_000.0).within
