"""Alerts over HTTP: see them, acknowledge and silence them, post those of other systems, and test notifiers."""

from __future__ import annotations

import secrets
from typing import Final

from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from channels.model import Channels
from channels.policy import Operation, Principal
from hub.adapters.alert_desk import AlertDesk
from hub.http.api.alert_answers import (
    AlertList,
    AlertRule,
    AlertRules,
    AlertState,
    SilenceList,
    SilenceState,
    Taken,
)
from hub.http.api.alert_bodies import AcknowledgeBody, AlertBody, AlertmanagerBody, AlertsQuery, SilenceBody
from hub.http.api.answers import whole_or_not
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from integrations.alertmanager import parse
from integrations.system_monitor.silences import Silence


def _desk(hub: Hub) -> AlertDesk:
    return hub.adapters.monitor.desk


async def _may_see(hub: Hub, caller: Principal) -> None:
    if not caller.admin:
        await hub.engine.gate.require(caller, Operation.SUBSCRIBE, channel=Channels.SYSTEM_ALERTS)


async def _may_post(hub: Hub, caller: Principal) -> None:
    if not caller.admin:
        await hub.engine.gate.require(caller, Operation.PUBLISH, channel=Channels.SYSTEM_ALERTS)


async def list_alerts(hub: Hub, call: Call[None, AlertsQuery]) -> AlertList:
    """List alerts that fire or are about to, and those resolved of late, of all processes; the newest first. For who
    may subscribe to `system_alerts`."""
    await _may_see(hub, call.caller)
    found = await hub.adapters.monitor.listing.alerts()
    rows = [AlertState(**row) for row in found.rows if call.query.wants(row)]
    return AlertList(alerts=rows, **whole_or_not(found))


async def list_alert_rules(hub: Hub, call: Call[None, None]) -> AlertRules:
    """List the rules that are on, with the state and the current value in each process. For who may subscribe to
    `system_alerts`."""
    await _may_see(hub, call.caller)
    found = await hub.adapters.monitor.listing.rules()
    return AlertRules(rules=[AlertRule.model_validate(row) for row in found.rows], **whole_or_not(found))


async def post_alert(hub: Hub, call: Call[AlertBody, None]) -> Taken:
    """Post an alert of another system. It is published on `system_alerts` when it is news, and kept as the hub's own
    are. For operators, and who may publish there."""
    await _may_post(hub, call.caller)
    desk = _desk(hub)
    alert = call.body.alert(hub.clock.now(), call.caller.user or "api", desk.book.get(call.body.id))
    published = await desk.take(alert)
    return Taken(alert_ids=[alert.alert_id], published=int(published))


async def post_alertmanager(hub: Hub, call: Call[AlertmanagerBody, None]) -> Taken:
    """Take what Prometheus Alertmanager's webhook posts. For operators, and who may publish on `system_alerts`."""
    await _may_post(hub, call.caller)
    try:
        alerts = parse(call.body.model_dump())
    except ValueError as error:
        raise ReplyError(ErrorCode.INVALID_DATA, str(error)) from None
    desk = _desk(hub)
    published = 0
    for alert in alerts:
        published += await desk.take(alert)
    return Taken(alert_ids=[alert.alert_id for alert in alerts], published=published)


async def acknowledge_alert(hub: Hub, call: Call[AcknowledgeBody, None]) -> AlertState:
    """Say that somebody takes care of an alert: it is not told again while it fires."""
    entry = await _desk(hub).acknowledge(call.named("alert"), _name(call.caller), call.body.note)
    return AlertState(**hub.adapters.monitor.listing.row(entry))


async def list_silences(hub: Hub, call: Call[None, None]) -> SilenceList:
    """List the silences in force, those of the configuration too. For who may subscribe to `system_alerts`."""
    await _may_see(hub, call.caller)
    return SilenceList(silences=[_state(silence) for silence in hub.adapters.monitor.silencing.in_force()])


async def make_silence(hub: Hub, call: Call[SilenceBody, None]) -> SilenceState:
    """Have nobody notified of some alerts for a time. They are published and listed all the same."""
    body, now = call.body, hub.clock.now()
    name = f"s-{secrets.token_hex(6)}"
    silence = Silence(name, body.matchers, now + body.seconds, _name(call.caller), body.comment, now)
    await hub.adapters.monitor.silencing.make(silence)
    return _state(silence)


async def lift_silence(hub: Hub, call: Call[None, None]) -> None:
    """End a silence before its time."""
    await hub.adapters.monitor.silencing.lift(call.named("silence"))


async def send_test_alert(hub: Hub, call: Call[None, None]) -> Taken:
    """Have one notifier send a test, as an alert that fires. Services that keep incidents open keep this one open."""
    alert_id = f"test-{secrets.token_hex(6)}"
    hub.adapters.monitor.notifying.test(call.named("notifier"), alert_id)
    return Taken(alert_ids=[alert_id], published=0)


def _name(caller: Principal) -> str:
    return caller.user or "operator"


def _state(silence: Silence) -> SilenceState:
    return SilenceState(
        id=silence.id,
        matchers=dict(silence.matchers),
        until=None if silence.until is None else iso(silence.until),
        by=silence.by,
        comment=silence.comment,
        created=iso(silence.created) if silence.created else None,
    )


_SEE: Final = (ErrorCode.UNKNOWN_CHANNEL, ErrorCode.UNAVAILABLE)
_POST: Final = (*_SEE, ErrorCode.CONFLICT)
_TAG: Final = "alerts"

ROWS: Final = (
    Endpoint(
        "GET", "/api/alerts", "List alerts", list_alerts, Who.CALLER, _TAG, AlertList, query=AlertsQuery, errors=_SEE
    ),
    Endpoint("POST", "/api/alerts", "Post an alert", post_alert, Who.CALLER, _TAG, Taken, body=AlertBody, errors=_POST),
    Endpoint(
        "POST",
        "/api/alerts/alertmanager",
        "Take what Alertmanager's webhook posts",
        post_alertmanager,
        Who.CALLER,
        _TAG,
        Taken,
        body=AlertmanagerBody,
        errors=(*_POST, ErrorCode.INVALID_DATA),
    ),
    Endpoint(
        "GET", "/api/alerts/rules", "List alert rules", list_alert_rules, Who.CALLER, _TAG, AlertRules, errors=_SEE
    ),
    Endpoint("GET", "/api/alerts/silences", "List silences", list_silences, Who.CALLER, _TAG, SilenceList, errors=_SEE),
    Endpoint(
        "POST",
        "/api/alerts/silences",
        "Make a silence",
        make_silence,
        Who.OPERATOR,
        _TAG,
        SilenceState,
        body=SilenceBody,
        errors=(ErrorCode.CONFLICT, ErrorCode.UNAVAILABLE),
    ),
    Endpoint(
        "DELETE",
        "/api/alerts/silences/{silence}",
        "Lift a silence",
        lift_silence,
        Who.OPERATOR,
        _TAG,
        errors=(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.UNAVAILABLE),
    ),
    Endpoint(
        "POST",
        "/api/alerts/test/{notifier}",
        "Send a test to a notifier",
        send_test_alert,
        Who.OPERATOR,
        _TAG,
        Taken,
        errors=(ErrorCode.NOT_FOUND,),
    ),
    Endpoint(
        "POST",
        "/api/alerts/{alert}/acknowledge",
        "Acknowledge an alert",
        acknowledge_alert,
        Who.OPERATOR,
        _TAG,
        AlertState,
        body=AcknowledgeBody,
        body_optional=True,
        errors=(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.UNAVAILABLE),
    ),
)
"""The rows of `hub.http.api.table`."""
