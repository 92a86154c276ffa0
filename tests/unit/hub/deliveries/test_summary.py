"""One answer for a user with several sessions."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from channels.model import Position
from hub.deliveries.judgement import Asked, Finding
from hub.deliveries.records import SessionRecord
from hub.deliveries.summary import dated, findings_of, is_known, summary
from hub.deliveries.verdict import Verdict
from tests.unit.hub.deliveries.cases import asked, over, session, stay

UNDATED = Asked(Position("a", 10), 500.0)


def answer(question: Asked, *records: SessionRecord, since: float = 0.0) -> Finding:
    return summary(question, records, findings_of(question, records), since)


def test_one_session_that_has_it_is_enough() -> None:
    """Whatever became of the others."""
    lost, has = over(stay(5, 20), name="s-2"), session(stay(5, 20))
    assert answer(asked(), lost, has).explanation.startswith("Session s-1: it was written")
    assert answer(asked(), lost, session()).verdict is Verdict.WRITTEN_THEN_LOST


def test_lost_and_then_recovered() -> None:
    """Both are told."""
    lost, back = over(stay(5, 20), code=4002), session(stay(12, 20, 120.0, replayed=(8, 12)), name="s-2", opened=115.0)
    found = answer(asked(), back, lost)
    assert found.verdict is Verdict.REPLAYED
    assert found.explanation.index("s-1") < found.explanation.index("s-2")


def test_a_client_that_says_it_has_it_has_it() -> None:
    """When it comes back; another client's word is none."""
    lost, back = over(stay(5, 20)), session(stay(12, 20, 120.0, since=Position("a", 10)), name="s-2", opened=115.0)
    found = answer(asked(), back, lost)
    assert found.verdict is Verdict.DELIVERED
    assert "said that it had seen offset 10" in found.explanation
    other = replace(back, client_id="phone")
    assert answer(asked(), other, lost).verdict is Verdict.WRITTEN_THEN_LOST


def test_nobody_was_there() -> None:
    """The session before and the one after are named."""
    before, after = over(closed=90.0), session(stay(12, 20, 120.0), name="s-2", opened=115.0)
    long_ago = over(name="s-0", opened=1.0, closed=2.0)
    found = answer(asked(), after, before, long_ago)
    assert found.verdict is Verdict.NOT_CONNECTED
    assert found.explanation.startswith("No session was open when it was published at 1970-01-01T00:01:40.000Z. ")
    assert found.explanation.index("s-1") < found.explanation.index("s-2")
    assert "s-0" not in found.explanation


def test_before_the_records_begin() -> None:
    """Only what a session shows is certain; that there was none is not."""
    assert answer(asked(), over(closed=90.0), since=200.0).verdict is Verdict.TOO_OLD
    assert answer(asked(), since=200.0).verdict is Verdict.TOO_OLD
    assert answer(asked(), session(stay(5, 20)), since=200.0).verdict is Verdict.DELIVERED
    assert answer(asked(), session(), since=200.0).verdict is Verdict.NOT_SUBSCRIBED
    assert "has left history" in answer(UNDATED, session(), since=200.0).explanation
    assert answer(asked()).verdict is Verdict.UNKNOWN_USER


def test_positions_date_what_has_left_history() -> None:
    """It was published between two moments at which sessions stood before and behind it."""
    before, after = over(stay(3, 9, left=90.0)), session(stay(12, 20, 120.0), opened=115.0)
    question = dated(UNDATED, [before, after])
    assert (question.earliest, question.latest) == (90.0, 120.0)
    assert (dated(UNDATED, []).earliest, dated(UNDATED, []).latest) == (-inf, inf)
    assert answer(question, after, before).verdict is Verdict.NOT_SUBSCRIBED
    other = dated(Asked(Position("b", 10), 500.0), [before, after])
    assert other.earliest == -inf


def test_a_publication_of_an_epoch_that_is_over() -> None:
    """There was one if somebody stood at it, or behind it."""
    records = [session(stay(5, 10))]
    assert is_known(Position("a", 10), records)
    assert not is_known(Position("a", 11), records)
    assert not is_known(Position("b", 1), records)
