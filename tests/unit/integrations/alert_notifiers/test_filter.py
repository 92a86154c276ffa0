"""Which alerts a notifier is for."""

from __future__ import annotations

import pytest

from integrations.alert_notifiers.filter import Filter
from tests.unit.integrations.alert_notifiers.receivers import alert


@pytest.mark.parametrize(
    ("filter", "passes"),
    [
        (Filter(), True),
        (Filter(severities=("critical",)), True),
        (Filter(severities=("info", "warning")), False),
        (Filter(labels={"team": "data"}), True),
        (Filter(labels={"team": "d*", "instance": "db-[12]"}), True),
        (Filter(labels={"team": "data", "instance": "db-2"}), False),
        (Filter(labels={"region": "*"}), False),
    ],
    ids=str,
)
def test_severity_and_labels(filter: Filter, passes: bool) -> None:
    """All that is asked for must hold; a label that isn't there matches nothing."""
    assert filter.passes(alert()) is passes


def test_resolved_alerts_may_be_left_out() -> None:
    """Firing ones never are by that."""
    quiet = Filter(resolved=False)
    assert quiet.passes(alert())
    assert not quiet.passes(alert(status="resolved"))
    assert Filter().passes(alert(status="resolved"))
