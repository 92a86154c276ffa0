"""Alerts that nobody is to be notified of."""

from __future__ import annotations

import pytest

from channels.messages import SystemAlert
from integrations.system_monitor.silences import Silence
from tests.message_examples.system import EXAMPLES

ALERT = SystemAlert.model_validate(
    {**EXAMPLES["alert"], "name": "host_cpu", "severity": "info", "labels": {"host": "db-1"}, "source": "n-1"}
)


@pytest.mark.parametrize(
    ("matchers", "covered"),
    [
        ({"name": "host_cpu"}, True),
        ({"name": "host_*", "severity": "inf?"}, True),
        ({"host": "db-1", "source": "n-*"}, True),
        ({"name": "host_cpu", "host": "db-2"}, False),
        ({"name": "HOST_CPU"}, False),
        ({"rack": "*"}, False),
    ],
)
def test_all_matchers_must_match(matchers: dict[str, str], covered: bool) -> None:
    """Name, severity, source and labels; a label that the alert doesn't have matches nothing."""
    assert Silence("s-1", matchers, None, "alice").covers(ALERT, 0.0) is covered


def test_a_label_does_not_pass_for_the_name() -> None:
    """An alert can't get silent, or loud, by a label called `name`."""
    alert = ALERT.model_copy(update={"labels": {"name": "other"}})
    assert Silence("s-1", {"name": "host_cpu"}, None, "alice").covers(alert, 0.0)
    assert not Silence("s-1", {"name": "other"}, None, "alice").covers(alert, 0.0)


def test_a_silence_ends() -> None:
    """One of the configuration doesn't."""
    silence = Silence("s-1", {"name": "*"}, 100.0, "alice")
    assert [silence.covers(ALERT, now) for now in (99.9, 100.0)] == [True, False]
    assert Silence("config-0", {"name": "*"}, None, "configuration").in_force(1e12)
