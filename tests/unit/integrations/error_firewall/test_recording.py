"""Recording errors that happened."""

from __future__ import annotations

from dataclasses import replace

from integrations.error_firewall.model import Record, Solution, Status
from integrations.error_firewall.recording import LONGEST_MESSAGE, kept_solution
from tests.firewall_kit import BAD, GOOD, MISSING, SOLUTION, Heard, firewall_with
from tests.kit import ManualClock


class DeviceNotFound(Exception):
    pass


def fail() -> DeviceNotFound:
    try:
        raise DeviceNotFound(MISSING)
    except DeviceNotFound as error:
        return error


def test_an_exception_becomes_a_record() -> None:
    """Its type, text and place, the call, and the time."""
    clock, heard = ManualClock(), Heard()
    firewall = firewall_with(heard, clock)
    record = firewall.record(fail(), "ios_build", BAD, {"branch": "main"})
    assert isinstance(record, Record)
    assert (record.error_type, record.message, record.operation) == ("DeviceNotFound", MISSING, "ios_build")
    assert record.frames == ("test_recording.py:fail",)
    assert (record.params, record.context) == (BAD, {"branch": "main"})
    assert (record.status, record.occurrences, record.first_seen) == (Status.OBSERVED, 1, clock.now())
    told = heard.last("error_recorded")
    assert (told["error_id"], told["message"], told["why"]) == (record.id, MISSING, "Seen for the first time.")
    assert (told["solution"], told["status"], told["stage"]) == (None, "recorded", "observed")


def test_the_same_error_is_one_record() -> None:
    """Counted, with its newest text."""
    clock = ManualClock()
    firewall = firewall_with(clock=clock)
    first = firewall.record("one", "ios_build", BAD, error_type="E")
    clock.advance(5)
    second = firewall.record("two", "ios_build", BAD, error_type="E")
    assert first is not None
    assert second == replace(first, message="two", occurrences=2, last_seen=clock.now(), updated_at=clock.now())
    assert len(firewall.index) == 1
    assert firewall.record("one", "ios_build", BAD, error_type="F") != second
    assert firewall.record("one", "ios_build", GOOD, error_type="E") != second
    assert len(firewall.index) == 3


def test_a_solution_makes_it_suggested() -> None:
    """At once or with a later sighting; an earlier one is never replaced by the way."""
    firewall = firewall_with()
    assert getattr(firewall.record("e", "ios_build", BAD), "status", None) is Status.OBSERVED
    later = firewall.record("e", "ios_build", BAD, solution="iPhone 15 Pro, 17.2")
    assert later is not None
    assert (later.status, later.solution) == (Status.SUGGESTED, Solution("iPhone 15 Pro, 17.2"))
    again = firewall.record("e", "ios_build", BAD, solution="something else")
    assert again is not None
    assert again.solution == later.solution


async def test_what_solved_the_same_fault_is_suggested() -> None:
    """The text of the confirmed solution of a relative; its parameters belong to the other call."""
    firewall = firewall_with()
    known = firewall.record(MISSING, "ios_build", BAD, error_type="E", solution=SOLUTION)
    assert known is not None
    other = MISSING.replace("17.0", "16.4")
    before = firewall.record(other, "ios_build", {"device": "iPad"}, error_type="E")
    await firewall.confirm(known.id, by="alice")
    after = firewall.record(other, "ios_build", {"device": "iPod"}, error_type="E")
    elsewhere = firewall.record(other, "android_build", {"device": "iPod"}, error_type="E")
    assert before is not None
    assert after is not None
    assert elsewhere is not None
    assert (before.solution, elsewhere.solution) == (None, None)
    assert (after.solution, after.status) == (Solution(SOLUTION.text), Status.SUGGESTED)


def test_what_is_kept_is_bounded() -> None:
    """Text, parameters and the number of records; what is too much is counted."""
    firewall = firewall_with(most_entries=2)
    record = firewall.record("x" * 1_000_000, "a", {"p": "y" * 1_000_000})
    assert record is not None
    assert len(record.message) < LONGEST_MESSAGE + 30
    assert len(str(record.params)) < 2_100
    firewall.record("e", "b")
    assert firewall.record("e", "c") is None
    assert firewall.record("e", "b") is not None
    assert (firewall.statistics.entries, firewall.statistics.failed) == (2, 1)


def test_odd_texts_are_recorded() -> None:
    """Control characters, surrogates, no text, no type."""
    heard = Heard()
    firewall = firewall_with(heard)
    for number, text in enumerate(("", "\x00\x1b[31m", "\ud800", "\u202e")):
        assert firewall.record(text, f"o\n{number}\ud800", {"k\x00": text}, {"c": text}, error_type=text) is not None
    assert heard.types == ["error_recorded"] * 4


def test_messages_are_limited() -> None:
    """In a storm of errors the next message tells how many were left out; all are recorded."""
    clock, heard = ManualClock(), Heard()
    firewall = firewall_with(heard, clock, records_per_second=2)
    for _ in range(100):
        firewall.record("e", "x", {"a": "b"})
    assert len(heard.messages) == 2
    clock.advance(1)
    firewall.record("e", "x", {"a": "b"})
    assert heard.last("error_recorded")["count"] == 99
    assert heard.last("error_recorded")["occurrences"] == 101


def test_a_solution_is_kept_without_secrets() -> None:
    """Like everything else."""
    assert kept_solution(None) is None
    assert kept_solution("") is None
    assert kept_solution(Solution("use token=abc", {"password": "x"})) == Solution(
        "use [secret]", {"password": "[secret]"}
    )
