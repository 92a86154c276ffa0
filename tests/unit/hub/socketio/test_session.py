"""A Socket.IO client's conversation: packets in, packets out, without a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.policy import Principal
from hub.closing import CloseCode
from hub.socketio.connection import SocketIoConnection
from hub.socketio.encoding import SocketIoEncoding
from hub.socketio.payload import unframed
from hub.socketio.session import SocketIoSession
from tests.kit import draft, rest
from tests.unit.hub.stage import RecordingHost, Stage
from tests.unit.hub.transports.manual import ManualTransport

ALICE = Principal("alice")


class Talk:
    """A client on a WebSocket, and what it hears."""

    def __init__(self, stage: Stage, standing: Principal | None = ALICE, channels: tuple[str, ...] = ()) -> None:
        self.connection = SocketIoConnection(RecordingHost(), "tab", "s-tab", SocketIoEncoding(), 1 << 20)
        self._transport = ManualTransport(self.connection)
        self.connection.connection_made(self._transport)
        self.session = SocketIoSession(stage.context, self.connection, standing, lambda _: channels)

    async def say(self, *packets: str) -> list[str]:
        """Send packets; return all that came in answer."""
        for packet in packets:
            self.session.receive(packet.encode())
        return await self.hear()

    async def hear(self) -> list[str]:
        await rest()
        return [payload.decode() for opcode, payload in unframed(self._transport.read()) if opcode == 1]


@pytest.fixture
async def stage() -> Stage:
    return Stage()


@pytest.fixture
async def alice(stage: Stage) -> Talk:
    talk = Talk(stage)
    await talk.say("40")
    return talk


def body(packet: str, head: str) -> Any:
    assert packet.startswith(head), packet
    return json.loads(packet[len(head) :])


async def test_connecting(stage: Stage) -> None:
    """The session's id, then the welcome as an event; doing it again changes nothing."""
    talk = Talk(stage)
    connected, welcome = await talk.say("40")
    assert body(connected, "40") == {"sid": "s-tab", "pid": "s-tab"}
    name, fields = body(welcome, "42")
    assert (name, fields["user"]) == ("connection", "alice")
    assert talk.session.authenticated
    assert await talk.say("40") == []


async def test_events_are_commands(alice: Talk, stage: Stage) -> None:
    """With the answer as acknowledgement where one is wanted, else as an event."""
    (answer,) = await alice.say('427["subscribe",{"channel":"news"}]')
    [reply] = body(answer, "437")
    assert (reply["type"], reply["status"], reply["id"]) == ("subscribe", "success", 7)
    (event,) = await alice.say('42["ping"]')
    assert body(event, "42")[0] == "pong"
    await stage.engine.publish(draft("news", {"n": 1}))
    assert [body(packet, "42")[0] for packet in await alice.hear()] == ["event", "message"]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ('420["subscribe","news"]', None),
        ('420["subscribe",{"channel":"nowhere"}]', "unknown_channel"),
        ('420["subscribe"]', "invalid_command"),
        ('420["subscribe",7]', "invalid_command"),
        ('420["dance",{"a":1}]', "unknown_action"),
        ('420["publish",{"channel":"alerts","type":"t","data":1}]', "permission_denied"),
        ('420["subscribe",{"channel":"news","action":"publish"}]', None),
    ],
)
async def test_what_can_not_be_done_is_answered(alice: Talk, event: str, code: str | None) -> None:
    """With the error of the plain protocol; a name alone is a channel, and an event's name can't be replaced."""
    (answer,) = await alice.say(event)
    assert body(answer, "430")[0].get("code") == code


@pytest.mark.parametrize("packet", ["", "2", "0", "5", "x", "4", "4abc", "42{}", '42abc["ping"]'])
async def test_what_is_no_packet_ends_it(alice: Talk, packet: str) -> None:
    """Closed with 1002."""
    await alice.say(packet)
    assert alice.connection.close_code == CloseCode.PROTOCOL_ERROR


@pytest.mark.parametrize("packet", ["3", "3probe", "6", '43["x"]', "44", "40/x?y"])
async def test_what_needs_no_answer(alice: Talk, packet: str) -> None:
    """Answers to pings, and acknowledgements of events that the hub never asks for."""
    answers = await alice.say(packet)
    assert answers in ([], ['44/x,{"message":"Invalid namespace"}'])
    assert alice.connection.is_open


@pytest.mark.parametrize("packet", ['42["ping"]', "41", '430["x"]', '451-["x"]'])
async def test_what_comes_before_connecting_ends_it(stage: Stage, packet: str) -> None:
    """Nobody knows yet who it is."""
    talk = Talk(stage)
    await talk.say(packet)
    assert talk.connection.close_code == CloseCode.PROTOCOL_ERROR


@pytest.mark.parametrize("packet", ["40", "40/x,", '42/x,["y"]', '43["x"]', '44{"message":"x"}'])
async def test_packets_that_are_no_commands_are_bounded(alice: Talk, stage: Stage, packet: str) -> None:
    """As refused commands are, though nothing is refused: the client that sends nothing else is closed."""
    allowed = stage.context.settings.limits.errors_per_minute
    await alice.say(*([packet] * allowed))
    assert alice.connection.is_open
    await alice.say(packet)
    assert alice.connection.close_code == CloseCode.ABUSIVE


async def test_tokens_that_are_tried_are_bounded(stage: Stage) -> None:
    """Somebody who has none can't try for long; nor can who has left, and comes again and again."""
    for standing, packets in ((None, []), (ALICE, ["40", "41"])):
        talk = Talk(stage, standing=standing)
        await talk.say(*packets)
        allowed = stage.context.settings.limits.errors_per_minute
        await talk.say(*(['40{"token":"wrong"}'] * allowed))
        assert talk.connection.is_open
        await talk.say('40{"token":"wrong"}')
        assert talk.connection.close_code == CloseCode.ABUSIVE


async def test_the_client_closes(alice: Talk) -> None:
    """By a packet, too."""
    await alice.say("1")
    assert alice.connection.close_code == CloseCode.NORMAL


async def test_leaving(alice: Talk, stage: Stage) -> None:
    """Subscriptions end with the namespace, those under way too; to come back takes another connection."""
    await alice.say('420["subscribe","news"]', "41")
    assert not alice.session.authenticated
    assert stage.engine.registry.counts() == {}
    assert "open another one" in body((await alice.say("40"))[0], "44")["message"]
    assert alice.connection.is_open


async def test_a_stranger_needs_a_token(stage: Stage) -> None:
    """It hears why it can't connect, and may try again."""
    stage.tokens.principals["alice's"] = ALICE
    talk = Talk(stage, standing=None)
    assert talk.session.check_token() is None
    (refusal,) = await talk.say("40")
    assert body(refusal, "44")["data"]["code"] == "unauthenticated"
    (refusal,) = await talk.say('40{"token":"wrong"}')
    assert body(refusal, "44")["data"]["code"] == "invalid_token"
    connected, _ = await talk.say('40{"token":"alice\'s"}')
    assert connected.startswith("40")
    assert talk.connection.principal.user == "alice"


async def test_binary_events_are_refused(alice: Talk) -> None:
    """Their attachments are dropped; bytes that belong to nothing end the connection. Who waits for an answer hears
    it."""
    (refusal,) = await alice.say('450-9["publish"]')
    assert body(refusal, "439")[0]["code"] == "unsupported_data"
    (refusal,) = await alice.say('452-["publish",{"_placeholder":true,"num":0}]')
    assert body(refusal, "42")[1]["code"] == "unsupported_data"
    for _ in range(2):
        alice.session.receive_binary(b"x")
    assert alice.connection.is_open
    alice.session.receive_binary(b"x")
    assert alice.connection.close_code == CloseCode.PROTOCOL_ERROR


async def test_a_message_that_is_too_long(alice: Talk, stage: Stage) -> None:
    """The limit is named; to who has not connected there is nothing to say."""
    alice.session.receive_oversized()
    (refusal,) = await alice.hear()
    assert body(refusal, "42")[1]["code"] == "data_too_large"
    stranger = Talk(stage)
    stranger.session.receive_oversized()
    assert await stranger.hear() == []


async def test_channels_that_come_with_the_connection(stage: Stage) -> None:
    """Those of the configuration, or those that the client names, from where it stood."""
    talk = Talk(stage, channels=("news", "alerts"))
    assert [body(packet, "42")[1]["channel"] for packet in (await talk.say("40"))[2:]] == ["news", "alerts"]
    await stage.engine.publish(draft("news", {"n": 1}))
    other = Talk(stage, channels=("alerts",))
    replies = (await other.say('40{"channels":["news"],"since":{"news":{"offset":0}}}'))[2:]
    assert body(replies[0], "42")[1]["replayed"] == 1
    assert [body(packet, "42")[0] for packet in replies[1:]] == ["event", "message"]


async def test_a_client_that_remembers_where_it_stood(stage: Stage) -> None:
    """By itself, and only in the channel that it heard last; what it says itself counts more, and it holds once."""
    await stage.engine.publish(draft("news", {"n": 1}))
    talk = Talk(stage, channels=("news",))
    place = body((await talk.say("40"))[2], "42")[-1]
    await stage.engine.publish(draft("news", {"n": 2}))
    marks = [body(packet, "42")[-1] for packet in await talk.hear()]
    assert marks[0] != place
    for said, replayed in ((place, 1), (marks[0], 0), ("nonsense", None)):
        back = Talk(stage, channels=("alerts", "news"))
        replies = (await back.say("40" + json.dumps({"pid": "s-1", "offset": said})))[2:]
        assert [body(packet, "42")[1].get("replayed") for packet in replies[:2]] == [None, replayed]
    late = Talk(stage)
    await late.say("40" + json.dumps({"pid": "s-1", "offset": place}))
    for count in (1, None):
        answer = (await late.say('420["subscribe","news"]'))[0]
        assert body(answer, "430")[0].get("replayed") == count
    other = Talk(stage)
    await other.say("40" + json.dumps({"pid": "s-1", "offset": marks[0]}))
    answer = (await other.say('420["subscribe",{"channel":"news","since":{"offset":0}}]'))[0]
    assert body(answer, "430")[0]["replayed"] == 2
