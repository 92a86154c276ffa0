"""From the findings in all sessions of a user to one answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from channels.model import Position
from hub.deliveries.judgement import Asked, Finding, has_seen, judge, weight, when
from hub.deliveries.records import SessionRecord
from hub.deliveries.verdict import Verdict

_LOST = (Verdict.SLOW_CLOSED, Verdict.WRITTEN_THEN_LOST, Verdict.GAP)


def findings_of(asked: Asked, records: Sequence[SessionRecord]) -> list[Finding]:
    """Judge each session, knowing what its client said in others."""
    findings = []
    for record in records:
        finding = judge(asked, record)
        if finding.verdict in _LOST[:2]:
            others = (has_seen(asked, other) for other in records if other.client_id == record.client_id)
            if (seen := next((offset for offset in others if offset is not None), None)) is not None:
                text = f"{finding.explanation} The client came back and said that it had seen offset {seen}."
                finding = Finding(Verdict.DELIVERED, text)
        findings.append(finding)
    return findings


def summary(asked: Asked, records: Sequence[SessionRecord], findings: Sequence[Finding], since: float) -> Finding:
    """Say in one word and one sentence what became of a publication.

    Args:
        records: the newest first; `findings` are theirs.
        since: the records hold every session that ended later.
    """
    if not findings:
        return _without_records(asked, since)
    best = min(findings, key=weight)
    if best.verdict is Verdict.REPLAYED:
        lost = next((each for each in findings if each.verdict in _LOST), None)
        return best if lost is None else Finding(best.verdict, f"{lost.explanation} {best.explanation}")
    if best.verdict is Verdict.NOT_SUBSCRIBED and (asked.is_dated or asked.earliest >= since):
        return best
    if best.verdict not in (Verdict.NOT_CONNECTED, Verdict.NOT_SUBSCRIBED):
        return best
    if asked.earliest < since:
        return _too_old(asked, since)
    return Finding(Verdict.NOT_CONNECTED, _between(asked, records, findings))


def _between(asked: Asked, records: Sequence[SessionRecord], findings: Sequence[Finding]) -> str:
    """Name the session before and the one after."""
    before = [each for record, each in zip(records, findings, strict=True) if record.opened <= asked.earliest]
    after = [each for record, each in zip(records, findings, strict=True) if record.opened > asked.earliest]
    at = f" at {when(asked.earliest)}" if asked.is_dated else ""
    parts = [f"No session was open when it was published{at}.", *(each.explanation for each in before[:1] + after[-1:])]
    return " ".join(parts)


def _without_records(asked: Asked, since: float) -> Finding:
    if asked.earliest < since:
        return _too_old(asked, since)
    return Finding(Verdict.UNKNOWN_USER, f"No such session is there now, or has ended since {when(since)}.")


def _too_old(asked: Asked, since: float) -> Finding:
    published = f"was published at {when(asked.earliest)}" if asked.is_dated else "has left history"
    text = f"It {published}, and the records begin at {when(since)}: a session that ended before may have had it."
    return Finding(Verdict.TOO_OLD, text)


def dated(asked: Asked, records: Sequence[SessionRecord]) -> Asked:
    """Narrow down when a publication was made that has left history, by the positions at which sessions came and
    went."""
    earliest, latest = asked.earliest, asked.latest
    for stay in (stay for record in records for stay in record.stays):
        for position, at in ((stay.begin, stay.at), (stay.end, stay.left)):
            if position is None or at is None or position.epoch != asked.position.epoch:
                continue
            if position.offset >= asked.position.offset:
                latest = min(latest, at)
            else:
                earliest = max(earliest, at)
    return replace(asked, earliest=earliest, latest=latest)


def is_known(position: Position, records: Sequence[SessionRecord]) -> bool:
    """Tell whether a session has been at or behind a position: then there was such a publication."""
    marks = (mark for record in records for stay in record.stays for mark in (stay.begin, stay.end))
    return any(mark is not None and mark.epoch == position.epoch and mark.offset >= position.offset for mark in marks)
