"""What became of a publication in one session."""

from __future__ import annotations

from typing import Any

import pytest

from channels.model import Position
from hub.deliveries.judgement import Asked, has_seen, held_back, judge
from hub.deliveries.records import Hole, Refusal, SessionRecord
from hub.deliveries.verdict import Verdict
from tests.unit.hub.deliveries.cases import asked, over, session, stay

ON_IT = stay(5, 20)


@pytest.mark.parametrize(
    ("record", "verdict", "words"),
    [
        (session(ON_IT), "delivered", "the connection is open; whether it was read, a hub can't know"),
        (session(ON_IT, answered=100.5), "delivered", "answered a ping that was sent after it, so it arrived"),
        (session(ON_IT, answered=99.0, waiting=700), "pending", "700 bytes that wait"),
        (session(ON_IT, answered=100.5, waiting=700), "delivered", "it arrived"),
        (over(ON_IT, code=4002), "slow_closed", "perhaps dropped with what waited: closed as too slow"),
        (over(ON_IT, code=4002, answered=101.0), "delivered", "it arrived"),
        (over(ON_IT), "written_then_lost", "1970-01-01T00:01:50.000Z (1006) without a sign that it arrived"),
        (over(ON_IT, code=4000, closed=159.0), "written_then_lost", "(4000 heartbeat lost)"),
        (over(ON_IT, closed=161.0), "delivered", "61.0 s later"),
        (over(ON_IT, answered=100.0), "delivered", "it arrived"),
        (over(ON_IT, code=1001), "delivered", "10.0 s later, at 1970-01-01T00:01:50.000Z (1001 going away)"),
        (
            session(stay(12, 20, 120.0, replayed=(8, 12))),
            "replayed",
            "at 1970-01-01T00:02:00.000Z (offsets 8 to 12)",
        ),
        (over(stay(12, 20, 105.0, replayed=(8, 12))), "written_then_lost", "it was replayed when"),
        (session(stay(3, 9)), "pending", "has not been given it yet"),
        (session(), "not_subscribed", "it had not asked for it"),
        (session(stay(3, 9, left=90.0)), "not_subscribed", "it had left it at 1970-01-01T00:01:30.000Z."),
        (session(stay(3, 9, left=90.0, why="permission_denied")), "not_subscribed", "Z (permission_denied)"),
        (session(dropped=3), "not_subscribed", "dropped its 3 oldest events"),
        (session(stay(12, 20, 120.0)), "not_subscribed", "it subscribed at offset 12 at"),
        (over(closed=90.0), "not_connected", "it ended before, at 1970-01-01T00:01:30.000Z (1006)"),
        (session(opened=110.0), "not_connected", "it began after, at 1970-01-01T00:01:50.000Z, and did not subscribe"),
        (session(stay(12, 20, 120.0), opened=110.0), "not_connected", "without asking for what came before"),
    ],
)
def test_one_session(record: SessionRecord, verdict: str, words: str) -> None:
    """A word, and a sentence that says how the hub knows."""
    finding = judge(asked(), record)
    assert finding.verdict == verdict
    assert words in finding.explanation
    assert finding.explanation.startswith("Session s-1: ")


def test_who_was_refused_is_told_why() -> None:
    """Unless it had been on the channel since."""
    record = session()
    record.refusals.append(Refusal("news", 60.0, "permission_denied"))
    assert "was refused at 1970-01-01T00:01:00.000Z (permission_denied)" in judge(asked(), record).explanation
    record.stays.append(stay(3, 9, left=90.0))
    assert "it had left it" in judge(asked(), record).explanation
    later = session(opened=110.0)
    later.refusals.append(Refusal("news", 120.0, "permission_denied"))
    assert "was refused the channel (permission_denied)" in judge(asked(), later).explanation


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"since": Position("a", 4), "recovered": False}, "asking for all after offset 4, which history no longer had"),
        ({"since": Position("a", 11), "recovered": True}, "saying that it had seen offset 11"),
    ],
)
def test_who_came_back_without_it(fields: dict[str, Any], words: str) -> None:
    """What it asked for is told."""
    record = session(stay(12, 20, 120.0, **fields), opened=110.0)
    assert words in judge(asked(), record).explanation


def test_who_was_left_out() -> None:
    """By its client id, also in a replay."""
    for record in (session(ON_IT), session(stay(12, 20, 120.0, replayed=(8, 12)))):
        assert judge(asked(exclude="tab"), record).verdict is Verdict.FILTERED
        assert judge(asked(exclude="phone"), record).verdict is not Verdict.FILTERED


def test_a_gap() -> None:
    """Nobody was sent it, though everybody was there; who got it in a replay has it."""
    for record in (session(ON_IT), session(stay(3, 9))):
        record.holes.append(Hole("news", 105.0, Position("a", 9), Position("a", 12)))
        finding = judge(asked(), record)
        assert finding.verdict is Verdict.GAP
        assert "announced a gap up to offset 12" in finding.explanation
        record.stays.append(stay(12, 20, 120.0, replayed=(10, 12)))
        assert judge(asked(), record).verdict is Verdict.REPLAYED


KEYED = [(9, 99.5), (10, 100.0), (11, 100.4)]


@pytest.mark.parametrize(
    ("keyed", "fields", "verdict", "words"),
    [
        (KEYED, {}, "filtered", "in 1000 ms, and offset 11 of the same key replaced it"),
        (KEYED[:2], {}, "delivered", "it was written"),
        (KEYED[:2], {"left": 100.2}, "filtered", "and left before that was over"),
        (KEYED[1:], {}, "delivered", "it was written"),
    ],
)
def test_who_asked_for_less(keyed: Any, fields: dict[str, Any], verdict: str, words: str) -> None:
    """Of one key it gets the newest, when its interval is over."""
    finding = judge(asked(keyed=keyed), session(stay(5, 20, interval=1.0, **fields)))
    assert (finding.verdict, words in finding.explanation) == (verdict, True)


def test_what_waits_for_the_end_of_its_interval() -> None:
    """Is on its way."""
    now = Asked(Position("a", 10), 100.2, 100.0, 100.0, keyed=KEYED[:2])
    finding = judge(now, session(stay(5, 10, interval=1.0)))
    assert finding.verdict is Verdict.PENDING
    assert "it waits until 1970-01-01T00:01:40.500Z" in finding.explanation


@pytest.mark.parametrize(
    ("times", "held"),
    [
        ([0.0, 0.4, 0.8, 1.9, 2.5], {1: None, 2: 3, 3: None, 4: None, 5: None}),
        ([0.0, 2.0, 2.5, 2.9], {1: None, 2: None, 3: 4, 4: None}),
    ],
)
def test_the_gate_of_a_key(times: list[float], held: dict[int, int | None]) -> None:
    """As `hub.throttle` runs it: what came first goes at once, then the newest at each end."""
    keyed = list(enumerate(times, start=1))
    assert {offset: held_back(keyed, offset, 1.0)[0] for offset, _ in keyed} == held


def test_a_conflated_channel() -> None:
    """A replay has the newest of a key; who was slow may have got only that."""
    finding = judge(asked(keyed=KEYED), session(stay(12, 20, 120.0, replayed=(8, 12))))
    assert finding.verdict is Verdict.FILTERED
    assert "offset 11 of the same key was replayed in its place" in finding.explanation
    finding = judge(asked(keyed=KEYED), session(ON_IT))
    assert finding.verdict is Verdict.DELIVERED
    assert "if the connection was slow just then, offset 11 of the same key replaced it" in finding.explanation


def test_what_a_client_said_it_had_seen() -> None:
    """Is proof, in the same epoch, of what isn't behind it."""
    assert has_seen(asked(), session(stay(12, 12, since=Position("a", 10)))) == 10
    assert has_seen(asked(), session(stay(12, 12, since=Position("a", 9)), stay(12, 12))) is None
    assert has_seen(asked(), session(stay(12, 12, since=Position("b", 10)))) is None
