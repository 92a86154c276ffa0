"""What goes out on `error_firewall`."""

from __future__ import annotations

from dataclasses import replace

from channels.push import Push
from integrations.error_firewall.announcing import Announcer, error_id
from integrations.error_firewall.model import Decision, Evidence, Match, MatchKind, Status, Verdict
from tests.firewall_kit import BAD, GOOD, SOLUTION, Heard, blocking, condition, record_of, rule_of
from tests.kit import ManualClock

PASSED = Verdict("check-1", "ios_build", Decision.ALLOW, "Nothing is known against it.", ms=0.02)


def announcer(heard: Heard, clock: ManualClock | None = None, passes: float = 10) -> Announcer:
    return Announcer(Push(heard), clock or ManualClock(), passes, 10)


def test_a_block_tells_what_matched() -> None:
    """The six fields, why, how, and the counts behind the confidence. No parameters."""
    heard = Heard()
    record = record_of(status=Status.CONFIRMED, solution=SOLUTION, evidence=Evidence(worked=2), occurrences=5)
    match = Match(MatchKind.EXACT, record.id, record.id, record.error_type, record.status)
    verdict = replace(PASSED, decision=Decision.BLOCK, why="it failed", match=match)
    announcer(heard).verdict(verdict, record, None, None)
    assert heard.messages == [
        (
            "error_blocked",
            {
                "error_id": record.id,
                "error_scene": "ios_build",
                "error_type": "DeviceNotFound",
                "solution": "iPhone 15 Pro, 17.2",
                "confidence": 0.75,
                "status": "blocked",
                "operation": "ios_build",
                "why": "it failed",
                "match": "exact",
                "score": 1.0,
                "check_id": "check-1",
                "stage": "confirmed",
                "successes": 2,
                "failures": 0,
                "occurrences": 5,
                "ms": 0.02,
                "degraded": False,
                "dry_run": False,
            },
        )
    ]


def test_a_rule_is_named_beside_its_error() -> None:
    """The error is its first record; a rule without records is its own."""
    rule = rule_of(condition("device", "x"), record_ids=("r-1", "r-2"))
    assert error_id(rule) == "r-1"
    assert error_id(replace(rule, record_ids=())) == "rule-1"
    heard = Heard()
    announcer(heard).confirmed(replace(rule, changed_by="alice", reason="sure"))
    told = heard.last("solution_confirmed")
    assert (told["error_id"], told["rule_id"], told["actor"], told["reason"]) == ("r-1", "rule-1", "alice", "sure")
    assert told["solution"] is None


def test_passes_are_sampled() -> None:
    """The first are told at once; in a flood so many a second, with how many were left out; the rest at the end."""
    heard, clock = Heard(), ManualClock()
    speaker = announcer(heard, clock, passes=2)
    for number in range(100):
        speaker.verdict(replace(PASSED, check_id=f"check-{number}"), None, None, None)
    assert [data["count"] for _, data in heard.messages] == [1, 1]
    speaker.settle()
    assert len(heard.messages) == 2
    clock.advance(1)
    speaker.settle()
    assert (heard.last("error_passed")["count"], heard.last("error_passed")["check_id"]) == (98, "check-99")
    clock.advance(1)
    speaker.settle()
    assert len(heard.messages) == 3


def test_passes_can_be_left_out() -> None:
    """By a rate of 0; warnings and blocks are told always."""
    heard = Heard()
    speaker = announcer(heard, passes=0)
    speaker.verdict(PASSED, None, None, None)
    speaker.settle()
    assert heard.messages == []
    for _ in range(100):
        speaker.verdict(replace(PASSED, decision=Decision.WARN), record_of(), None, None)
    assert heard.types == ["error_warned"] * 100


async def test_everything_that_goes_out_matches_its_schema() -> None:
    """The messages are made without a model's checks; `Heard` makes up for it with texts of any kind."""
    heard = Heard()
    firewall = await blocking(heard, may_override=lambda actor, operation: True)
    for odd in ("", "\n", "\ud800", "\u202e", "x" * 100_000):
        record = firewall.record(odd, odd, {odd: odd}, {odd: odd}, error_type=odd, solution=odd)
        assert record is not None
        firewall.check(odd, {odd: odd}, actor=odd)
    for params in (BAD, GOOD):
        firewall.check("ios_build", params)
    assert set(heard.types) == {"error_recorded", "error_warned", "error_blocked", "error_passed", "solution_confirmed"}
