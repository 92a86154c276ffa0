"""Questions about deliveries: what history and the records of all processes say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from channels.clock import Clock
from channels.engine import Engine
from channels.model import Position, Publication
from hub.deliveries.journal import By, Journal
from hub.deliveries.judgement import Asked, Finding
from hub.deliveries.records import SessionRecord, as_json, session_of
from hub.deliveries.summary import dated, findings_of, is_known, summary
from hub.deliveries.verdict import Verdict
from hub.peers import Peers, Question

SESSIONS: Final = 100
"""Sessions that an answer tells of: the newest."""

LOOKED_AT: Final = 1_000
"""Newest publications that are searched for a time, or for newer ones of a key."""

_QUESTION: Final = "delivery records"


@dataclass(frozen=True, slots=True)
class Which:
    """Which publications: one position, or up to `limit` from a time on, or the newest.

    Attributes:
        at: seconds since 1970; with a position, when that was published.
        epoch: "" for the one that the channel has now.
    """

    limit: int = 1
    offset: int | None = None
    epoch: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One publication.

    Attributes:
        publication: `None` when history doesn't have it.
        evidence: what became of it in each session, in the order of `Explained.records`.
    """

    position: Position
    publication: Publication | None
    finding: Finding
    evidence: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Explained:
    """An answer.

    Attributes:
        records: of the sessions that were asked about, newest first.
        more: older sessions that are left out.
        since: the records hold every session that ended later (seconds since 1970).
        missing, partial: as in `hub.peers.Answers`.
    """

    top: Position
    cases: Sequence[Case]
    records: Sequence[SessionRecord]
    more: int
    since: float
    missing: tuple[str, ...] = ()
    partial: bool = False


class Inquiry:
    """Answers, and tells the other processes what this one's records say."""

    def __init__(self, engine: Engine, journal: Journal, peers: Peers, clock: Clock) -> None:
        self._engine = engine
        self._journal = journal
        self._peers = peers
        self._clock = clock
        peers.answer(_QUESTION, self._asked)

    async def explain(self, by: By, value: str, channel: str, which: Which) -> Explained:
        """Say of publications whether a user, a client or a session got them.

        Raises:
            ReplyError: `unknown_channel`, `no_history` or `unavailable`.
        """
        top, wanted, recent = await self._publications(channel, which)
        about = {"by": by, "value": value, "channel": channel}
        answers = await self._peers.ask(_QUESTION, about)
        told = {self._peers.node: await self._asked(about), **answers.by_node}
        records = []
        for node, answer in told.items():
            for message in answer["sessions"]:
                record = session_of(message)
                record.node = node
                records.append(record)
        records.sort(key=lambda record: record.opened, reverse=True)
        more = sum(answer["more"] for answer in told.values()) + max(0, len(records) - SESSIONS)
        records, since = records[:SESSIONS], max(answer["since"] for answer in told.values())
        case = partial(_case, records, since, top)
        cases = [case(_question(*each, which.at, recent, self._clock.now()), publication=each[1]) for each in wanted]
        return Explained(top, cases, records, more, since, answers.missing, answers.partial)

    async def _asked(self, about: Question) -> dict[str, Any]:
        found = self._journal.find(about["by"], about["value"], about["channel"])
        sessions = [as_json(record) for record in found[:SESSIONS]]
        return {"since": self._journal.since, "sessions": sessions, "more": max(0, len(found) - SESSIONS)}

    async def _publications(
        self, channel: str, which: Which
    ) -> tuple[Position, list[tuple[Position, Publication | None]], list[Publication]]:
        """Return the channel's top, the publications that are asked about, and those among which newer ones of their
        keys are looked for."""
        conflated = bool(self._engine.policy.options(channel).conflate)
        searched = conflated or (which.at is not None and which.offset is None)
        most = LOOKED_AT if searched else which.limit
        newest = await self._engine.history(channel, None, None, most)
        recent = list(newest.publications) if conflated else []
        if which.offset is None:
            return newest.top, _chosen(newest.publications, which), recent
        position = Position(which.epoch or newest.top.epoch, which.offset)
        before = Position(position.epoch, position.offset - 1)
        piece = await self._engine.history(channel, None, before, 1)
        found = next((each for each in piece.publications if each.position == position), None)
        return newest.top, [(position, found)], recent


def _chosen(publications: Sequence[Publication], which: Which) -> list[tuple[Position, Publication | None]]:
    placed: list[tuple[Position, Publication | None]] = []
    for publication in publications:
        at = seconds_of(publication.timestamp)
        if publication.position is not None and (which.at is None or at is None or at >= which.at):
            placed.append((publication.position, publication))
    return placed[-which.limit :] if which.at is None else placed[: which.limit]


def _case(
    records: Sequence[SessionRecord], since: float, top: Position, asked: Asked, publication: Publication | None
) -> Case:
    if publication is None and not _exists(asked.position, top, records):
        return Case(asked.position, None, _unknown(asked.position, top), [])
    if not asked.is_dated:
        asked = dated(asked, records)
    findings = findings_of(asked, records)
    return Case(asked.position, publication, summary(asked, records, findings, since), findings)


def _exists(position: Position, top: Position, records: Sequence[SessionRecord]) -> bool:
    if position.epoch == top.epoch:
        return position.offset <= top.offset
    return is_known(position, records)


def _unknown(position: Position, top: Position) -> Finding:
    if position.epoch == top.epoch:
        text = f"The channel's newest publication has offset {top.offset}."
    else:
        text = f"The channel's epoch is {top.epoch} now, and no record is of a publication {position.offset} of "
        text += f"{position.epoch[:64]}."
    return Finding(Verdict.UNKNOWN_PUBLICATION, text)


def _question(
    position: Position,
    publication: Publication | None,
    at: float | None,
    recent: Sequence[Publication],
    now: float,
) -> Asked:
    if publication is None:
        return Asked(position, now) if at is None else Asked(position, now, at, at)
    at = seconds_of(publication.timestamp)
    keyed = []
    for each in recent:
        published = seconds_of(each.timestamp)
        if each.key == publication.key and each.key is not None and each.position and published is not None:
            keyed.append((each.position.offset, published))
    if at is None:
        return Asked(position, now, exclude=publication.exclude, keyed=keyed)
    return Asked(position, now, at, at, publication.exclude, keyed)


def seconds_of(timestamp: str) -> float | None:
    """Read a publication's time; `None` when its publisher has put something else in its place."""
    try:
        read = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
