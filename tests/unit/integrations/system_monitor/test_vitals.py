"""What the monitor is told."""

from __future__ import annotations

from integrations.system_monitor.vitals import DatabaseVitals, HubVitals


def test_every_number_is_explained() -> None:
    """In the docstring, with its unit where it has one."""
    for kind in (HubVitals, DatabaseVitals):
        plain = {"connections", "slow_connections"}
        assert {name for name in kind._fields if name not in (kind.__doc__ or "")} <= plain
