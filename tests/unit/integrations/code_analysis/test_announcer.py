"""What a run says, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from channels.messages import Message
from integrations.code_analysis.announcer import Announcer, percent
from integrations.code_analysis.comparison import Comparison
from integrations.code_analysis.finding import Finding, shown
from integrations.code_analysis.report import Outcome, Report
from tests.unit.integrations.code_analysis.repositories import Ticks

HARD = "größe\n\u202e" + "x" * 2000


class Channel:
    """What was published."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, channel: str, type: str, message: Message) -> bool:
        assert channel == "ai_analysis"
        self.messages.append((type, message.model_dump(mode="json")))
        return True

    def types(self) -> list[str]:
        return [type for type, _ in self.messages]


@pytest.fixture
def channel() -> Channel:
    """An empty channel."""
    return Channel()


def make_announcer(channel: Channel, clock: Ticks | None = None, findings: int = 2, name: str = "r") -> Announcer:
    return Announcer(channel, "a-1", name, findings=findings, interval=0.5, clock=clock or Ticks())


def make_report(**fields: Any) -> Report:
    return Report(**{"ref": "main", "commit": "c" * 40, "files": 10, **fields})


def finding(message: str = "m", path: str = "a.py") -> Finding:
    return Finding("ruff", "F401", "warning", path, 1, 2, message, "f" * 24)


def test_progress_is_said_now_and_then(channel: Channel) -> None:
    """At most once in each interval; the end always, and once."""
    clock = Ticks()
    announcer, report = make_announcer(channel, clock), make_report()
    for step in range(100):
        report.done = step // 10
        announcer.progressed(report, "ruff")
        clock.time += 0.02
    report.done = 10
    announcer.progressed(report, None)
    announcer.progressed(report, None)
    done = [data["files_done"] for _, data in channel.messages]
    assert done == [0, 2, 5, 7, 10]
    assert channel.messages[-1][1]["progress"] == 100
    assert channel.messages[-1][1]["linter"] is None


def test_findings_are_published_up_to_a_bound(channel: Channel) -> None:
    """The end says how many were withheld."""
    announcer, report = make_announcer(channel), make_report(done=10, total=5)
    for _ in range(5):
        announcer.found(report, finding(), True)
    announcer.completed(report, 1.23456, None, None)
    assert channel.types() == ["analysis_finding", "analysis_finding", "analysis_completed"]
    end = channel.messages[-1][1]
    assert (end["findings"], end["findings_withheld"], end["duration_seconds"]) == (5, 3, 1.235)


def test_a_finding_says_all(channel: Channel) -> None:
    """Where, what, by whom, and whether it is new."""
    make_announcer(channel).found(make_report(), finding(), None)
    assert channel.messages[0][1] == {
        "analysis_id": "a-1",
        "repository": "r",
        "commit": "c" * 40,
        "linter": "ruff",
        "rule": "F401",
        "severity": "warning",
        "file": "a.py",
        "line": 1,
        "column": 2,
        "message": "m",
        "fingerprint": "f" * 24,
        "is_new": None,
    }


def test_the_end_says_how_each_linter_fared(channel: Channel) -> None:
    """Those that failed or weren't there with the reason; and the comparison."""
    outcomes = [
        Outcome("ruff", "1.0", files=10, findings=3, seconds=0.12345),
        Outcome("bandit", "2.0", "failed", "it crashed", 5, 1),
        Outcome("yamllint", None, "skipped", "it is not installed"),
    ]
    report = make_report(outcomes=outcomes, comparison=Comparison("d" * 40, 1, 2, 3, ("bandit",)))
    report.skipped["binary"] = 2
    make_announcer(channel).completed(report, 1.0, None, "the model was away")
    end = channel.messages[0][1]
    assert [(row["name"], row["status"], row["reason"]) for row in end["linters"]] == [
        ("ruff", "ok", None),
        ("bandit", "failed", "it crashed"),
        ("yamllint", "skipped", "it is not installed"),
    ]
    assert end["by_linter"] == {"ruff": 3, "bandit": 1}
    assert end["comparison"] == {"commit": "d" * 40, "new": 1, "fixed": 2, "unchanged": 3, "not_compared": ["bandit"]}
    assert (end["files_skipped"], end["summary"], end["summary_absent"]) == ({"binary": 2}, None, "the model was away")


def test_hard_text_fits_into_messages(channel: Channel) -> None:
    """Names, refs and reasons of any length and with any character, which people and repositories choose."""
    announcer = make_announcer(channel, name=HARD)
    report = make_report(
        ref=HARD, total=1, outcomes=[Outcome("ruff", "1", "failed", HARD), Outcome("x", HARD)], notes=[HARD]
    )
    announcer.started(report)
    announcer.found(report, finding("m", shown(HARD)), None)
    announcer.completed(report, 1.0, None, HARD)
    announcer.failed(HARD, report, HARD, 1.0)
    announcer.cancelled(HARD, None, HARD, 0.0)
    assert len(channel.messages) == 5
    assert channel.messages[1][1]["file"].startswith("größe\\n\\u202exxx")


def test_a_run_that_never_began_has_no_commit(channel: Channel) -> None:
    """Cancelled in the queue, or failed before its commit was known."""
    announcer = make_announcer(channel)
    announcer.failed("main", None, "no such ref", 0.5)
    announcer.failed("main", make_report(commit=""), "no such ref", 0.5)
    announcer.cancelled("main", None, "cancelled", 0.0)
    assert [data["commit"] for _, data in channel.messages] == [None, None, None]


def test_nothing_to_do_is_all_done() -> None:
    """An empty commit."""
    assert percent(make_report(files=0)) == 100
    assert percent(make_report(files=3, done=1)) == 33
