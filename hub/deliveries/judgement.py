"""From a session's records to what became of a publication in it, in a word and a sentence. Pure.

A write to a socket is no receipt. Two things are: the client answered a ping that was sent later, or it said when it
came back that it had seen this offset.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from channels.clock import iso
from channels.model import Position
from hub.closing import CloseCode
from hub.deliveries.records import SessionRecord, Stay
from hub.deliveries.verdict import Verdict

_LOST: Final = frozenset({1006, int(CloseCode.HEARTBEAT_LOST)})
"""Ends of a connection without a word from the client."""

_ORDER: Final = list(Verdict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A publication that somebody asks about.

    Attributes:
        earliest, latest: when it was published, in seconds since 1970; the same when history has it.
        exclude: client id that was not to get it.
        keyed: publications of a conflated channel with its key that history has: offset and time, oldest first.
        now: when it is asked.
    """

    position: Position
    now: float
    earliest: float = -inf
    latest: float = inf
    exclude: str | None = None
    keyed: Sequence[tuple[int, float]] = ()

    @property
    def is_dated(self) -> bool:
        """It is known when it was published."""
        return self.earliest == self.latest


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of it."""

    verdict: Verdict
    explanation: str


def when(seconds: float) -> str:
    """Write a time for people, to the millisecond."""
    return f"{iso(seconds)[:23]}Z"


def ending(record: SessionRecord) -> str:
    """Say how a session ended."""
    code = record.code
    label = f" {CloseCode(code).label}" if code in set(CloseCode) else ""
    return f"{when(record.closed or 0.0)} ({code}{label})"


def weight(finding: Finding) -> int:
    """Rank findings: the one that speaks for all comes first."""
    return _ORDER.index(finding.verdict)


def judge(asked: Asked, record: SessionRecord) -> Finding:
    """Say what became of a publication in one session."""
    findings = list(_on_the_channel(asked, record))
    return min(findings, key=weight) if findings else _missed(asked, record)


def has_seen(asked: Asked, record: SessionRecord) -> int | None:
    """Return the offset that a client said it had seen last, if that is proof of this publication."""
    for stay in record.stays:
        since = stay.since
        if since is not None and since.epoch == asked.position.epoch and since.offset >= asked.position.offset:
            return since.offset
    return None


def _on_the_channel(asked: Asked, record: SessionRecord) -> Iterator[Finding]:
    for stay in record.stays:
        if stay.was_sent(asked.position):
            yield _sent(asked, record, stay)
        elif stay.was_replayed(asked.position):
            yield _replayed(asked, record, stay)
        elif _is_behind(asked, stay):
            text = "it was published, but the process of the session has not been given it yet"
            yield _hole(asked, record) or Finding(Verdict.PENDING, _about(record, text))


def _is_behind(asked: Asked, stay: Stay) -> bool:
    end, position = stay.end, asked.position
    return stay.left is None and end is not None and position.epoch == end.epoch and position.offset > end.offset


def _sent(asked: Asked, record: SessionRecord, stay: Stay) -> Finding:
    unsent = _own(asked, record) or _hole(asked, record) or _throttled(asked, record, stay)
    if unsent is not None:
        return unsent
    at = f" at about {when(asked.earliest)}" if asked.is_dated else ""
    verdict, fate = _fate(asked.latest, record)
    newer = next((offset for offset, _ in asked.keyed if offset > asked.position.offset), None)
    if verdict is Verdict.DELIVERED and newer is not None:
        fate += f"; if the connection was slow just then, offset {newer} of the same key replaced it"
    return Finding(verdict, _about(record, f"it was written to the socket{at}, and {fate}"))


def _replayed(asked: Asked, record: SessionRecord, stay: Stay) -> Finding:
    if (own := _own(asked, record)) is not None:
        return own
    first, last = stay.replayed or (0, 0)
    newer = [offset for offset, _ in asked.keyed if asked.position.offset < offset <= last]
    if newer:
        text = f"the channel is conflated: when the session subscribed, offset {newer[-1]} of the same key was replayed"
        return Finding(Verdict.FILTERED, _about(record, f"{text} in its place"))
    verdict, fate = _fate(stay.at, record)
    text = f"it was replayed when the session subscribed at {when(stay.at)} (offsets {first} to {last}), and {fate}"
    return Finding(Verdict.REPLAYED if verdict is Verdict.DELIVERED else verdict, _about(record, text))


def _own(asked: Asked, record: SessionRecord) -> Finding | None:
    if asked.exclude is None or asked.exclude != record.client_id:
        return None
    text = "it was published with this client left out (except, or its own with echo: false)"
    return Finding(Verdict.FILTERED, _about(record, text))


def _hole(asked: Asked, record: SessionRecord) -> Finding | None:
    for hole in record.holes:
        if hole.covers(asked.position):
            text = f"the hub could not have it, and announced a gap up to offset {hole.until.offset} at {when(hole.at)}"
            return Finding(Verdict.GAP, _about(record, text))
    return None


def _throttled(asked: Asked, record: SessionRecord, stay: Stay) -> Finding | None:
    if not stay.interval:
        return None
    begin, end = stay.begin, stay.end
    here = [
        (offset, at)
        for offset, at in asked.keyed
        if (begin is None or offset > begin.offset) and (end is None or offset <= end.offset)
    ]
    by, until = held_back(here, asked.position.offset, stay.interval)
    text = f"the session asked for at most one publication per key in {stay.interval * 1000:g} ms"
    if by is not None:
        return Finding(Verdict.FILTERED, _about(record, f"{text}, and offset {by} of the same key replaced it"))
    if until <= (asked.now if stay.left is None else stay.left):
        return None
    if stay.left is None:
        return Finding(Verdict.PENDING, _about(record, f"{text}, and it waits until {when(until)}"))
    return Finding(Verdict.FILTERED, _about(record, f"{text}, and left before that was over"))


def held_back(keyed: Sequence[tuple[int, float]], offset: int, interval: float) -> tuple[int | None, float]:
    """Return the publication that took the place of one while it waited for the end of its interval, if one did, and
    when it was sent otherwise; see `hub.throttle`.

    Args:
        keyed: offsets and times of the publications of its key.
    """
    next_at, waiting, sent = -inf, None, -inf
    for each, at in keyed:
        if waiting is not None and next_at <= at:
            next_at, waiting = next_at + interval, None
        if at >= next_at:
            next_at = at + interval
        elif waiting == offset:
            return each, inf
        else:
            waiting = each
            sent = next_at if each == offset else sent
    return None, sent


def _fate(written: float, record: SessionRecord) -> tuple[Verdict, str]:
    """Say what came of what was written at a time."""
    if record.answered is not None and record.answered >= written:
        return Verdict.DELIVERED, "the client answered a ping that was sent after it, so it arrived"
    if record.closed is None:
        if record.waiting:
            text = f"may be among the {record.waiting} bytes that wait because the client doesn't read"
            return Verdict.PENDING, text
        return Verdict.DELIVERED, "the connection is open; whether it was read, a hub can't know"
    if record.code == CloseCode.SLOW_CONSUMER:
        return Verdict.SLOW_CLOSED, f"perhaps dropped with what waited: closed as too slow at {ending(record)}"
    stayed = max(0.0, record.closed - written)
    if record.code in _LOST and not 0 < 2 * record.heartbeat < stayed:
        return Verdict.WRITTEN_THEN_LOST, f"the connection was lost at {ending(record)} without a sign that it arrived"
    text = f"the connection ended {stayed:.1f} s later, at {ending(record)}; whether it was read, a hub can't know"
    return Verdict.DELIVERED, text


# Sessions that were not on the channel then.


def _missed(asked: Asked, record: SessionRecord) -> Finding:
    if record.closed is not None and record.closed < asked.earliest:
        return Finding(Verdict.NOT_CONNECTED, _about(record, f"it ended before, at {ending(record)}"))
    if record.opened > asked.latest:
        text = f"it began after, at {when(record.opened)}, and {_later(asked, record)}"
        return Finding(Verdict.NOT_CONNECTED, _about(record, text))
    return Finding(Verdict.NOT_SUBSCRIBED, _about(record, f"it was {_why_not_on_it(asked, record)}"))


def _later(asked: Asked, record: SessionRecord) -> str:
    """Say what a session asked for that came to the channel later."""
    after = [stay for stay in record.stays if stay.at >= asked.latest]
    if not after:
        refused = record.refusals[0].code if record.refusals else ""
        return f"was refused the channel ({refused})" if refused else "did not subscribe to the channel"
    stay = after[0]
    begin = "" if stay.begin is None else f" at offset {stay.begin.offset}"
    subscribed = f"subscribed{begin} at {when(stay.at)}"
    if stay.since is None:
        return f"{subscribed} without asking for what came before"
    if stay.recovered:
        return f"{subscribed} saying that it had seen offset {stay.since.offset}"
    return f"{subscribed} asking for all after offset {stay.since.offset}, which history no longer had (not recovered)"


def _why_not_on_it(asked: Asked, record: SessionRecord) -> str:
    before = [stay for stay in record.stays if stay.left is not None and stay.left <= asked.latest]
    refusals = [refusal for refusal in record.refusals if refusal.at <= asked.latest]
    parts = ["connected, but not on the channel"]
    if before and (not refusals or refusals[-1].at < (before[-1].left or 0.0)):
        left = before[-1]
        parts.append(f"it had left it at {when(left.left or 0.0)}{f' ({left.why})' if left.why else ''}")
    elif refusals:
        parts.append(f"its subscription was refused at {when(refusals[-1].at)} ({refusals[-1].code})")
    elif record.dropped:
        parts.append(f"the records have dropped its {record.dropped} oldest events")
    else:
        parts.append("it had not asked for it")
    if any(stay.at >= asked.latest for stay in record.stays):
        parts.append(f"it {_later(asked, record)}")
    return "; ".join(parts)


def _about(record: SessionRecord, text: str) -> str:
    return f"Session {record.session}: {text}."
