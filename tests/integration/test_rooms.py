"""Rooms and users' own channels: who gets in, who stays out, and that leaving is leaving, on real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from channels.clock import SystemClock
from hub.auth import Grants, sign
from tests.live import Client, LiveHub, running, until, with_keys
from tests.proxy import reset

SETTINGS = with_keys(channels__rooms={"ops": {"members": ["alice", "bob"]}, "dev": {"members": ["bob"]}})

NO_GRANTS = Grants()


@pytest.fixture
async def house() -> AsyncIterator[LiveHub]:
    """A hub with two rooms: ops, of Alice and Bob, and dev, of Bob."""
    async with running(SETTINGS) as live:
        yield live


def bearer(user: str, grants: Grants = NO_GRANTS) -> dict[str, str]:
    """Return the header with a token for `user`."""
    return {"Authorization": f"Bearer {sign(user, grants, options=SETTINGS.auth, clock=SystemClock())}"}


@asynccontextmanager
async def people(live: LiveHub, *users: str) -> AsyncIterator[list[Client]]:
    """Connect users; the client id is the user's name."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(live.client(user, headers=bearer(user))) for user in users]


async def join(client: Client, channel: str) -> dict[str, Any]:
    """Subscribe; the answer is success, or an error."""
    return await client.ask(action="subscribe", channel=channel)


async def silent(client: Client) -> bool:
    """Tell that nothing was sent to a client: the next message is the answer to its ping."""
    return bool((await client.ask(action="ping"))["type"] == "pong")


async def test_each_room_hears_its_own(house: LiveHub) -> None:
    """What is said in a room reaches exactly its subscribers, each publication once."""
    async with people(house, "alice", "bob", "carol") as (alice, bob, carol):
        assert (await join(alice, "room:ops"))["subscribers"] == 1
        assert (await join(bob, "room:ops"))["subscribers"] == 2
        assert (await join(bob, "room:dev"))["subscribers"] == 1
        for speaker, room, reached in ((alice, "ops", 2), (bob, "ops", 2), (bob, "dev", 1)):
            await speaker.send({"action": "publish", "channel": f"room:{room}", "type": "said", "data": room, "id": 1})
            got = [await speaker.receive(), await speaker.receive()]
            (reply,) = (message for message in got if message["type"] == "publish")
            assert reply["results"][0]["subscribers"] == reached
            assert [message["data"] for message in got if message["type"] == "said"] == [room]
            if room == "ops":
                assert (await (bob if speaker is alice else alice).receive())["channel"] == "room:ops"
        for client in (alice, bob, carol):
            assert await silent(client)


async def test_a_stranger_learns_nothing(house: LiveHub) -> None:
    """Every command on a stranger's room is refused, with the same words whether there is such a room or not; no
    statistic and no list names the room."""
    async with people(house, "bob", "carol") as (bob, carol):
        await join(bob, "room:dev")
        await house.publish("room:dev", "said", "secret")
        assert (await bob.receive())["data"] == "secret"
        for command in (
            {"action": "subscribe"},
            {"action": "subscribe", "since": {"offset": 0}},
            {"action": "subscribe", "presence": True},
            {"action": "unsubscribe"},
            {"action": "history"},
            {"action": "presence"},
            {"action": "publish", "type": "said", "data": 1},
        ):
            answers = [await carol.ask(**command, channel=f"room:{room}") for room in ("dev", "nix")]
            assert {answer["code"] for answer in answers} == {"permission_denied"}
            assert str(answers[0]).replace("room:dev", "room:nix") == str(answers[1])
        stats = (await carol.ask(action="stats"))["data"]
        assert (stats["total_channels"], stats["channel_stats"], stats["active_channels"]) == (1, {}, [])
        assert not any("room" in name for name in carol.welcome["available_channels"])
        unknown = await join(carol, "nowhere")
        assert not any("room" in name for name in unknown["available_channels"])
        async with aiohttp.ClientSession(house.url, headers=bearer("carol")) as session:
            for path in ("", "/history", "/presence"):
                texts = []
                for room in ("dev", "nix"):
                    async with session.get(f"/api/channels/room:{room}{path}") as response:
                        texts.append((response.status, (await response.text()).replace(room, "*")))
                assert texts[0] == texts[1]
                assert texts[0][0] == 403
        assert await silent(bob)


async def test_leaving_is_leaving(house: LiveHub) -> None:
    """After `unsubscribe` nothing more of the room arrives, while the others go on; coming back brings what is new."""
    async with people(house, "alice", "bob") as (alice, bob):
        for client in (alice, bob):
            await join(client, "room:ops")
        assert (await alice.ask(action="unsubscribe", channel="room:ops"))["status"] == "success"
        assert (await house.publish("room:ops", "said", 1)).subscribers == 1
        assert (await bob.receive())["data"] == 1
        assert await silent(alice)
        assert (await alice.ask(action="presence", channel="room:ops"))["clients"] == 1
        await join(alice, "room:ops")
        await house.publish("room:ops", "said", 2)
        assert [(await client.receive())["data"] for client in (alice, bob)] == [2, 2]


async def test_dead_sockets_are_not_counted(house: LiveHub) -> None:
    """A connection that is reset without a word is off its rooms: neither counted as a subscriber nor present."""
    async with people(house, "alice", "bob") as (alice, bob):
        for client in (alice, bob):
            await join(client, "room:ops")
        await alice.ask(action="subscribe", channel="room:ops", presence=True)
        connection = bob.socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        reset(connection.transport)
        left = await alice.receive()
        assert (left["type"], left["event"], left["client"]["user"]) == ("presence", "leave", "bob")
        assert (await house.publish("room:ops", "said", 1)).subscribers == 1
        assert (await alice.receive())["data"] == 1
        state = await alice.ask(action="presence", channel="room:ops")
        assert [member["user"] for member in state["members"]] == ["alice"]


async def test_expelling_ends_a_live_subscription(house: LiveHub) -> None:
    """Who is expelled gets the notice `unsubscribed`, nothing more of the room, and is not let in again; the others
    stay."""
    membership = house.hub.engine.gate.membership
    async with people(house, "alice", "carol") as (alice, carol), house.client("tab", headers=bearer("carol")) as tab:
        assert (await join(carol, "room:ops"))["code"] == "permission_denied"
        await membership.add("room:ops", "carol")
        for client in (alice, carol, tab):
            assert (await join(client, "room:ops"))["status"] == "success"
        assert await house.hub.engine.expel("room:ops", "carol") == 2
        for client in (carol, tab):
            notice = await client.receive()
            assert notice == {
                "type": "unsubscribed", "channel": "room:ops", "code": "permission_denied",
                "message": notice["message"],
            }  # fmt: skip
        assert (await house.publish("room:ops", "said", 1)).subscribers == 1
        assert (await alice.receive())["data"] == 1
        for client in (carol, tab):
            assert await silent(client)
            assert (await join(client, "room:ops"))["code"] == "permission_denied"


async def test_expelling_over_http(house: LiveHub) -> None:
    """An operator lets a user into a room, and expels it again; a member by configuration stays one."""
    async with (
        people(house, "bob", "carol") as (bob, carol),
        aiohttp.ClientSession(house.url, headers=bearer("root", Grants(admin=True))) as session,
    ):
        async with session.put("/api/channels/room:dev/members/carol") as answer:
            assert answer.status == 204
        assert (await join(carol, "room:dev"))["status"] == "success"
        async with session.delete("/api/channels/room:dev/members/carol") as answer:
            assert await answer.json() == {"ended": 1}
        assert (await carol.receive())["type"] == "unsubscribed"
        await join(bob, "room:dev")
        async with session.delete("/api/channels/room:dev/members/bob") as answer:
            assert await answer.json() == {"ended": 0}
        assert await silent(bob)


async def test_members_by_token(house: LiveHub) -> None:
    """The claim `rooms` makes a member of the rooms that it names: one may read, publish and look around there, and in
    no other room."""
    async with house.client("dave", headers=bearer("dave", Grants(rooms=("dev", "attic")))) as dave:
        for room in ("dev", "attic"):
            assert (await join(dave, f"room:{room}"))["status"] == "success"
            await dave.send({"action": "publish", "channel": f"room:{room}", "type": "said", "data": room})
            assert {(await dave.receive())["type"] for _ in range(2)} == {"said", "publish"}
            assert (await dave.ask(action="presence", channel=f"room:{room}"))["users"] == 1
        assert (await join(dave, "room:ops"))["code"] == "permission_denied"
        assert (await join(dave, "room:*"))["code"] == "unknown_channel"


async def test_members_at_run_time(house: LiveHub) -> None:
    """A user that code adds to a room may subscribe and publish from then on; sessions and jobs work the same way."""
    membership = house.hub.engine.gate.membership
    async with people(house, "carol") as (carol,):
        for channel in ("room:attic", "session:s1", "job:42"):
            assert (await join(carol, channel))["code"] == "permission_denied"
            await membership.add(channel, "carol")
            assert (await join(carol, channel))["status"] == "success"
            await house.publish(channel, "said", channel)
            assert (await carol.receive())["data"] == channel


async def test_a_users_channel_is_that_users_alone(house: LiveHub) -> None:
    """`user:ID` is open to that user on all connections, and to nobody else, member or not."""
    async with people(house, "alice", "bob") as (alice, bob), house.client("tab", headers=bearer("alice")) as tab:
        for client in (alice, tab):
            assert (await join(client, "user:alice"))["status"] == "success"
        assert (await join(bob, "user:alice"))["code"] == "permission_denied"
        await house.hub.engine.gate.membership.add("user:alice", "bob")
        for command in (
            {"action": "subscribe"},
            {"action": "history"},
            {"action": "publish", "type": "t", "data": 1},
        ):
            assert (await bob.ask(**command, channel="user:alice"))["code"] == "permission_denied"
        assert house.hub.inbox.put("user:alice", "note", "for you").accepted
        for client in (alice, tab):
            assert (await client.receive())["data"] == "for you"
        assert await silent(bob)
        for name in ("user:", "user:Alice", "user:alice:x", "USER:alice"):
            assert (await join(alice, name))["type"] == "error"


async def test_who_leaves_a_room_is_gone_from_the_books(house: LiveHub) -> None:
    """When the last one has left, no trace of the room's subscription is left: no channel, no presence."""
    async with people(house, "alice", "bob") as (alice, bob):
        await join(alice, "room:ops")
        await join(bob, "room:ops")
        await alice.ask(action="unsubscribe", channel="room:ops")
    await until(lambda: not house.hub.connections)
    assert house.hub.manager.get_stats()["channel_stats"] == {}
    assert (await house.hub.engine.presence("room:ops", None, members=True)).members == ()
