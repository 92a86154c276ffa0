"""Delivery records over HTTP, for operators: why did a user not get a publication?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from channels.clock import iso
from channels.model import Position, Publication
from channels.policy import Operation
from hub.closing import CloseCode
from hub.deliveries.inquiry import Case, Which
from hub.deliveries.journal import By
from hub.deliveries.records import SessionRecord, Stay
from hub.http.api.answers import whole_or_not
from hub.http.api.bodies import DeliveriesQuery
from hub.http.api.delivery_answers import (
    Deliveries,
    Delivery,
    DeliveryEvent,
    DeliveryEvidence,
    DeliveryPublication,
    DeliverySession,
)
from hub.http.api.endpoint import Call, Hub


async def explain_deliveries(hub: Hub, call: Call[None, DeliveriesQuery]) -> Deliveries:
    """Tell of publications of a channel whether a user, client or session got them, and how the hub knows. What was
    written to a socket was sent, not read: the hub knows that it arrived when the client answered a later ping."""
    query = call.query
    by: By = "user" if query.user is not None else "client_id" if query.client_id is not None else "session"
    value = query.user or query.client_id or query.session or ""
    at = None if query.timestamp is None else query.timestamp.timestamp()
    which = Which(query.limit, query.offset, query.epoch or "", at)
    explained = await hub.inquiry.explain(by, value, query.channel, which)
    readable = await _may_read(hub, call, query.channel)
    return Deliveries(
        channel=query.channel,
        epoch=explained.top.epoch,
        offset=explained.top.offset,
        deliveries=[_delivery(case, explained.records, readable) for case in explained.cases],
        sessions=[_session(record) for record in explained.records],
        more_sessions=explained.more or None,
        recorded_since=iso(explained.since),
        **whole_or_not(explained),
    )


async def _may_read(hub: Hub, call: Call[None, DeliveriesQuery], channel: str) -> bool:
    gate = hub.engine.gate
    return await gate.allows(call.caller, Operation.SUBSCRIBE, channel) and await gate.allows(
        call.caller, Operation.HISTORY, channel
    )


def _delivery(case: Case, records: Sequence[SessionRecord], readable: bool) -> Delivery:
    evidence = [
        DeliveryEvidence(session=record.session, verdict=finding.verdict, explanation=finding.explanation)
        for record, finding in zip(records, case.evidence, strict=False)
    ]
    return Delivery(
        publication=_publication(case.position, case.publication, readable),
        verdict=case.finding.verdict,
        explanation=case.finding.explanation,
        evidence=evidence,
    )


def _publication(position: Position, publication: Publication | None, readable: bool) -> DeliveryPublication:
    if publication is None:
        return DeliveryPublication(epoch=position.epoch, offset=position.offset, in_history=False)
    return DeliveryPublication(
        epoch=position.epoch,
        offset=position.offset,
        in_history=True,
        type=publication.type,
        timestamp=publication.timestamp,
        key=publication.key,
        bytes=len(publication.data),
        data=orjson.Fragment(publication.data) if readable else None,
    )


def _session(record: SessionRecord) -> DeliverySession:
    code = record.code
    return DeliverySession(
        session=record.session,
        client_id=record.client_id,
        user=record.user,
        address=record.address,
        transport=record.transport,
        node=record.node,
        opened=iso(record.opened),
        closed=None if record.closed is None else iso(record.closed),
        close_code=code,
        close_reason=CloseCode(code).label if code in set(CloseCode) else None,
        answered=None if record.answered is None else iso(record.answered),
        events=[event for _, event in sorted(_events(record), key=lambda each: each[0])],
        dropped=record.dropped or None,
    )


def _events(record: SessionRecord) -> Iterator[tuple[float, DeliveryEvent]]:
    for stay in record.stays:
        yield stay.at, _subscribed(stay)
        if stay.left is not None:
            epoch, offset = stay.end or (None, None)
            yield (
                stay.left,
                DeliveryEvent(event="left", at=iso(stay.left), epoch=epoch, offset=offset, reason=stay.why or None),
            )
    for refusal in record.refusals:
        yield refusal.at, DeliveryEvent(event="refused", at=iso(refusal.at), reason=refusal.code)
    for hole in record.holes:
        epoch, offset = hole.until
        yield hole.at, DeliveryEvent(event="gap", at=iso(hole.at), epoch=epoch, offset=offset)


def _subscribed(stay: Stay) -> DeliveryEvent:
    epoch, offset = stay.begin or (None, None)
    first, last = stay.replayed or (None, None)
    return DeliveryEvent(
        event="subscribed",
        at=iso(stay.at),
        epoch=epoch,
        offset=offset,
        since=None if stay.since is None else stay.since.offset,
        recovered=stay.recovered,
        replayed_from=first,
        replayed_to=last,
        interval_ms=stay.interval * 1000 or None,
    )
