"""Every message that a hub sends is described: by the AsyncAPI document, and to the last field by the models."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, get_args

import jsonschema_rs
import pytest

from channels.model import Gap, Position
from hub.asyncapi import asyncapi
from hub.chat_descriptions import CHAT_REPLIES
from hub.closing import CloseCode
from hub.descriptions import Described, Publication
from hub.wire_messages import MESSAGES, Direct
from tests.integration.api_client import api_of, token_for
from tests.live import Client, LiveHub, running, with_keys

DOCUMENT = asyncapi()
COMPONENTS = {"schemas": DOCUMENT["components"]["schemas"]}
CONFLATED = {"conflate": "key", "presence": "everyone"}


@pytest.fixture
async def locked() -> AsyncIterator[LiveHub]:
    """A hub that wants tokens, with a conflated channel and one without history."""
    named = {"gauges": CONFLATED, "fleeting": {"history_size": 0}}
    async with running(with_keys(channels__named=named)) as live:
        yield live


class Witness:
    """Receives for a client, and checks each message. Remembers which kinds came."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    async def receive(self, client: Client) -> dict[str, Any]:
        message = await client.receive()
        self.check(message)
        return message

    async def ask(self, client: Client, **command: Any) -> dict[str, Any]:
        await client.send(command)
        return await self.receive(client)

    def check(self, message: dict[str, Any]) -> None:
        model = model_of(message)
        schema = {"$ref": f"#/components/schemas/{model.__name__}", "components": COMPONENTS}
        jsonschema_rs.validator_for(schema).validate(message)
        model.model_validate_json(json.dumps(message))
        self.seen.add(model.__name__)


def model_of(message: dict[str, Any]) -> type[Described]:
    """Find a message's model as a client must: first whether it is a publication, then by type and status."""
    if "channel" in message and "data" in message:
        return Publication
    for model in MESSAGES:
        given = {
            name: get_args(model.model_fields[name].annotation)
            for name in ("type", "status")
            if name in model.model_fields
        }
        if given["type"] and all(message.get(name) in values for name, values in given.items()):
            return model
    return Direct


async def test_every_message_is_described(locked: LiveHub) -> None:
    """One of each kind is really sent, and nothing that isn't described."""
    witness = Witness()
    grants: dict[str, Any] = {"publish": ("*",), "rooms": ("ops",)}
    headers = {"Authorization": f"Bearer {token_for(locked, 'alice', **grants)}"}
    async with locked.client("a", headers=headers) as a, locked.client("b") as b:
        witness.check(a.welcome)
        witness.check(b.welcome)
        await witness.ask(b, action="stats", id="early")
        await witness.ask(b, action="authenticate", token=token_for(locked, "bob"), id=1)
        await subscriptions(witness, a, b)
        await publications(witness, a)
        await questions(witness, a, b)
        await witness.ask(a, action="refresh", token=token_for(locked, "alice", **grants), id=9)
        await notices(witness, locked, a, b)
    # What answers chat: tests/integration/test_chat_socket.py.
    elsewhere = {"TokenExpiring", *(model.__name__ for model in CHAT_REPLIES)}
    assert witness.seen == {model.__name__ for model in MESSAGES} - elsewhere


async def subscriptions(witness: Witness, a: Client, b: Client) -> None:
    """Subscribing in all its forms, and presence."""
    await witness.ask(a, action="subscribe", channel="system_alerts", presence=True, id="x")
    await witness.ask(a, action="subscribe", channel="fleeting")
    await witness.ask(a, action="subscribe", channel="gauges", interval_ms=50)
    await witness.ask(b, action="subscribe", channel="system_alerts", since={"offset": 0})
    await witness.receive(a)
    await witness.ask(b, action="unsubscribe", channel="system_alerts", id="y")
    await witness.receive(a)
    for channel in ("nope", "room:ops"):
        await witness.ask(b, action="subscribe", channel=channel, id=7)
    await witness.ask(b, action="unsubscribe", channel="system_alerts")


async def publications(witness: Witness, a: Client) -> None:
    """Publications with and without position and key, to one's self and not, one and many."""
    for channel, options in (
        ("system_alerts", {"echo": False}),
        ("system_alerts", {"data": {"deep": [None, 1.5, "é"]}}),
        ("fleeting", {"echo": False}),
        ("gauges", {"key": "cpu"}),
    ):
        await a.send({"action": "publish", "channel": channel, "type": "error", "data": 1, "id": 3} | options)
        for _ in range(2):
            await witness.receive(a)
    command = {
        "action": "publish",
        "channels": ["vector_search", "nope"],
        "type": "t",
        "data": 1,
        "idempotency_key": "k",
    }
    for _ in range(2):
        await a.send(command)
        await witness.receive(a)


async def questions(witness: Witness, a: Client, b: Client) -> None:
    """History, presence, numbers, signs of life, and what can't be understood."""
    await witness.ask(a, action="history", channel="gauges", since={"offset": 0}, id=4)
    await witness.ask(a, action="history", channel="system_alerts", limit=1)
    await witness.ask(a, action="history", channel="fleeting")
    await witness.ask(a, action="presence", channel="system_alerts", id=5)
    await witness.ask(a, action="presence", channel="system_alerts", members=False)
    for action in ("stats", "get_stats", "ping"):
        await witness.ask(a, action=action, id=action)
    await witness.ask(a, action="ping", data={"n": 1})
    for text in ("{", "[]", "1", '{"action": 1}', '{"action": "dance", "id": 1}', '{"action": "subscribe"}'):
        await b.socket.send_str(text)
        await witness.receive(b)
    await b.socket.send_bytes(b"{}")
    await witness.receive(b)


async def notices(witness: Witness, locked: LiveHub, a: Client, b: Client) -> None:
    """What comes without being asked for."""
    availability = locked.hub.across.availability
    availability.changed(False, "cut")
    for client in (a, b):
        await witness.receive(client)
    availability.changed(True, "")
    for client in (a, b):
        await witness.receive(client)
    await locked.hub.engine.gate.membership.add("room:crew", "bob")
    await witness.ask(b, action="subscribe", channel="room:crew")
    locked.hub.engine._on_gap(Gap("room:crew", None, Position("e", 7)))
    await witness.receive(b)
    admin = token_for(locked, "root", admin=True)
    async with api_of(locked, admin) as api:
        assert (await api("DELETE", "/api/channels/room:crew/members/bob")).json == {"ended": 1}
        await witness.receive(b)
        await api("POST", "/api/send", {"client_id": "b", "type": "hint", "data": None})
        await witness.receive(b)
        await api("POST", "/api/disconnect", {"client_id": "a"})
        await witness.receive(a)
    assert (await a.closed())[0] == CloseCode.DISCONNECTED


async def test_recovered_publications_are_described(locked: LiveHub) -> None:
    """They are ordinary ones; a reply before them says how many follow."""
    witness = Witness()
    first = await locked.publish("system_alerts", "t", 1)
    await locked.publish("system_alerts", "t", 2, exclude="a")
    assert isinstance(first.position, Position)
    headers = {"Authorization": f"Bearer {token_for(locked, 'alice')}"}
    async with locked.client("a", headers=headers) as a:
        since = {"epoch": first.position.epoch, "offset": 0}
        reply = await witness.ask(a, action="subscribe", channel="system_alerts", since=since)
        assert (reply["recovered"], reply["replayed"]) == (True, 2)
        assert [(await witness.receive(a))["type"] for _ in range(2)] == ["t", "position"]


async def test_the_end_of_a_token_is_announced(locked: LiveHub) -> None:
    """A token that lives for less than a minute is announced at half of its life, or at once."""
    witness = Witness()
    token = token_for(locked, "alice", lifetime=2.0)
    async with locked.client("a", headers={"Authorization": f"Bearer {token}"}) as a:
        assert (await witness.receive(a))["type"] == "token_expiring"


async def test_what_is_not_described_is_found() -> None:
    """The check itself: an unknown field and a wrong type fail."""
    with refuses():
        Witness().check({"type": "pong", "timestamp": "2026-11-21T10:15:00Z", "extra": 1})
    with refuses():
        Witness().check({"type": "reconnect", "delay_ms": "1", "reason": ""})


@contextmanager
def refuses() -> Iterator[None]:
    with pytest.raises(ValueError, match=r"."):
        yield
