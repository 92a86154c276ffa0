"""What a message says."""

from __future__ import annotations

from integrations.alert_notifiers.notice import Notice, facts, headline, rest, state_of, title
from tests.unit.integrations.alert_notifiers.receivers import alert


def test_a_headline_says_state_level_and_name() -> None:
    """In one line."""
    assert headline(alert()) == "[FIRING] critical: pool_exhausted"
    assert headline(alert(status="resolved", severity="info")) == "[RESOLVED] info: pool_exhausted"
    assert headline(alert(), acknowledged=True) == "[ACKNOWLEDGED] critical: pool_exhausted"
    assert state_of(alert()) == "FIRING"


def test_a_title_counts_the_others() -> None:
    """Shown or not."""
    assert title(Notice("i", (alert(),))) == "[FIRING] critical: pool_exhausted"
    assert title(Notice("i", (alert(), alert("b")), more=3)) == "[FIRING] critical: pool_exhausted and 4 more"
    assert title(Notice("i", (), more=3)) == "and 3 more alerts."
    assert title(Notice("i")) == "no alerts"


def test_facts_are_measurements_times_and_labels() -> None:
    """Only those that there are."""
    more = {"unit": "MB", "description": "since the deploy", "runbook_url": "http://runbook.example"}
    assert facts(alert(status="resolved", reason="cleared", **more)) == {
        "value": "20 MB",
        "threshold": "19 MB",
        "started": "2026-11-21 10:15:00 UTC",
        "ended": "2026-11-21 10:20:00 UTC",
        "description": "since the deploy",
        "what to do": "http://runbook.example",
        "why resolved": "cleared",
        "instance": "db-1",
        "team": "data",
    }
    assert facts(alert(value=None, threshold=None, labels={})) == {"started": "2026-11-21 10:15:00 UTC"}


def test_what_is_not_shown_is_said() -> None:
    """As numbers."""
    assert rest(Notice("i", (alert(),))) == []
    assert rest(Notice("i", (), more=1, missed=2)) == ["and 1 more alert.", "2 earlier alerts could not be sent."]
    assert len(Notice("i", (alert(),), more=4, missed=9)) == 5
