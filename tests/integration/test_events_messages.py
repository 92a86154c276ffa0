"""Every message that a stream sends is described, by the AsyncAPI document and to the last field by the models."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from channels.model import Gap, Position
from hub.asyncapi import asyncapi
from hub.stream_messages import MESSAGES, OWN
from tests.integration.api_client import token_for
from tests.integration.event_stream import Kind, streaming
from tests.integration.test_messages import COMPONENTS, model_of
from tests.live import running, settings_for, with_keys


def check(message: dict[str, Any]) -> str:
    own = next((model for model in OWN if message["type"] in str(model.model_fields["type"].annotation)), None)
    model = own or model_of(message)
    assert model in MESSAGES
    schema = {"$ref": f"#/components/schemas/{model.__name__}", "components": COMPONENTS}
    jsonschema_rs.validator_for(schema).validate(message)
    model.model_validate_json(json.dumps(message))
    return model.__name__


async def test_every_message_is_described() -> None:
    """One of each of its own kinds is really sent."""
    seen = set()
    async with running(with_keys(events__heartbeat=0.2)) as live:
        headers = {"Authorization": f"Bearer {token_for(live, 'alice', 'token-1')}"}
        await live.publish("system_alerts", "note", 1)
        async with streaming(live.port, kind="ndjson", headers=headers, since="system_alerts::0") as stream:
            while "Heartbeat" not in seen:
                seen.add(check(await stream.message()))
            await live.hub.revocations.revoke_token("token-1")
            seen |= {check(message) for message in await stream.rest()}
    assert seen >= {model.__name__ for model in OWN} | {"Publication", "SubscribeReply"}


def test_the_document_has_the_stream() -> None:
    """At its address, with what the hub sends there."""
    document = asyncapi()
    assert document["channels"]["events"]["address"] == "/events"
    assert set(document["channels"]["events"]["messages"]) == {model.__name__ for model in MESSAGES}
    assert document["operations"]["stream"]["action"] == "send"


@pytest.mark.parametrize("kind", ["sse", "ndjson"])
async def test_notices_pass_through(kind: Kind) -> None:
    """A gap moves the position, behind what was published before it; what is told of the broker moves none."""
    async with running(settings_for()) as live, streaming(live.port, "system_alerts,ai_analysis", kind) as stream:
        for _ in range(2):
            await stream.until("subscribe")
        published = await live.publish("system_alerts", "note", 1)
        assert published.position is not None
        epoch = published.position.epoch
        live.hub.engine._on_gap(Gap("system_alerts", published.position, Position(epoch, 8)))
        (connection,) = live.hub.connections
        live.hub.fanout.notify(connection, {"type": "degraded", "reason": "away", "timestamp": "2026-11-21T10:15:00Z"})
        messages = [await stream.message() for _ in range(3)]
        assert [message["type"] for message in messages] == ["note", "gap", "degraded"]
        assert [check(message) for message in messages] == ["Publication", "GapNotice", "Degraded"]
        assert stream.parser.last_id.split(",")[0] == f"system_alerts:{epoch}:8"
