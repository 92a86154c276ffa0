"""Two processes are one hub: what begins on one goes on on the other. What clients make of it is in
test_two_processes_clients.py."""

from __future__ import annotations

from typing import Any

from hub.closing import CloseCode
from tests.integration.api_client import api_of, token_for
from tests.integration.event_stream import Kind, streaming
from tests.integration.signing_in import refused, ticket_for
from tests.integration.test_events_switch import CHANNELS, Follower, publishing
from tests.integration.two_hubs import two
from tests.live import Client, LiveHub


def bearer(live: LiveHub, user: str, **grants: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_for(live, user, **grants)}"}


async def ends_with(client: Client, code: int) -> None:
    assert (await client.closed())[0] == code


async def test_streamed_from_one_and_posted_to_the_other() -> None:
    """Whatever the transport, and with the position that the publisher was told."""
    kinds: tuple[Kind, ...] = ("sse", "ndjson")
    async with two() as (_, a, b), api_of(b) as api, a.client() as client:
        await client.ask(action="subscribe", channel="chat")
        for kind in kinds:
            async with streaming(a.port, "chat", kind) as stream:
                await stream.until("subscribe")
                posted = await api.publish("chat", data=kind)
                for message in (await stream.message(), await client.receive()):
                    assert (message["data"], message["channel"]) == (kind, "chat")
                    assert (message["epoch"], message["offset"]) == (posted["epoch"], posted["offset"])


async def test_history_has_at_once_what_was_published_on_the_other() -> None:
    """Who has the answer to a publish finds it in history everywhere, without waiting."""
    async with two() as (_, a, b), api_of(a) as here, api_of(b) as there:
        for number in range(50):
            author, reader = (there, here) if number % 2 else (here, there)
            posted = await author.publish("chat", data=number)
            (newest,) = (await reader("GET", "/api/channels/chat/history?limit=1")).json["publications"]
            assert (newest["data"], newest["offset"]) == (number, posted["offset"])


async def test_an_answer_that_was_lost_is_asked_for_on_the_other() -> None:
    """The idempotency key and the version hold in both: nothing is published twice, nothing old replaces the new."""
    async with two() as (_, a, b), api_of(a) as here, api_of(b) as there:
        first = await here.publish("chat", idempotency_key="once", version=7)
        again = await there.publish("chat", idempotency_key="once", version=7)
        assert (again["duplicate"], again["offset"]) == (True, first["offset"])
        assert (await there.publish("chat", version=7))["superseded"] is True
        assert len((await here("GET", "/api/channels/chat/history")).json["publications"]) == 1


async def test_a_ticket_opens_one_stream_in_all() -> None:
    """Made on one, used on the other, and then refused by both; of two at once one wins."""
    async with two(keys=True) as (_, a, b):
        token = token_for(a, "alice")
        ticket = await ticket_for(a, token)
        async with streaming(b.port, "user:alice", ticket=ticket) as stream:
            assert (await stream.message())["user"] == "alice"
        for live in (a, b):
            async with streaming(live.port, "user:alice", ticket=ticket) as stream:
                assert "used before" in await refused(stream)
        for _ in range(10):
            raced = await ticket_for(a, token)
            async with (
                streaming(a.port, "user:alice", ticket=raced) as one,
                streaming(b.port, "user:alice", ticket=raced) as other,
            ):
                assert sorted((one.status, other.status)) == [200, 401]


async def test_what_is_revoked_on_one_ends_on_the_other() -> None:
    """WebSockets and streams, and no request with the token is taken after that."""
    async with two(keys=True) as (_, a, b), b.client(headers=bearer(a, "alice")) as client:
        token = token_for(a, "alice")
        headers = {"Authorization": f"Bearer {token}"}
        async with streaming(b.port, headers=headers) as stream, api_of(a, token_for(a, "root", admin=True)) as api:
            await stream.until("subscribe")
            assert (await api("POST", "/api/revocations", {"user": "alice"})).status == 204
            await ends_with(client, CloseCode.TOKEN_REVOKED)
            assert (await stream.until("close"))["code"] == CloseCode.TOKEN_REVOKED
        async with api_of(b, token) as api:
            assert (await api("GET", "/api/stats")).code == "invalid_token"


async def test_who_is_disconnected_on_one_leaves_the_other() -> None:
    """The answer counts over both."""
    async with two() as (_, a, b), api_of(a) as api, b.client("tab") as there, a.client("tab") as here:
        assert (await api("POST", "/api/disconnect", {"client_id": "tab"})).json == {"disconnected": 2}
        for client in (there, here):
            await ends_with(client, CloseCode.DISCONNECTED)


async def test_members_of_a_room_are_members_on_both() -> None:
    """Added on one, let in by the other; expelled on one, off the channel on the other, and not let in again."""
    path = "/api/channels/room:ops/members/alice"
    async with two() as (_, a, b), api_of(a) as api, b.client("alice") as alice:
        assert (await alice.ask(action="subscribe", channel="room:ops"))["code"] == "permission_denied"
        await api("PUT", path)
        assert (await alice.ask(action="subscribe", channel="room:ops"))["status"] == "success"
        assert (await api("DELETE", path)).json == {"ended": 1}
        assert (await alice.receive())["type"] == "unsubscribed"
        assert (await alice.ask(action="subscribe", channel="room:ops"))["code"] == "permission_denied"


async def test_a_rate_is_that_of_a_process() -> None:
    """One a second of each: a spool that is published after an outage is not held up by it."""
    async with two() as (_, a, b), api_of(a) as here, api_of(b) as there:
        for api in (here, there):
            await api.publish("slow")
            answer = await api("POST", "/api/publish", {"channel": "slow", "type": "t", "data": 1})
            assert answer.code == "rate_limited"


async def test_presence_is_that_of_both() -> None:
    """With a notice on one of who joins and leaves on the other."""
    async with two() as (_, a, b), b.client("bob") as bob:
        await bob.ask(action="subscribe", channel="chat", presence=True)
        async with a.client("alice") as alice:
            await alice.ask(action="subscribe", channel="chat")
            joined = await bob.receive()
            assert (joined["event"], joined["client"]["client_id"]) == ("join", "alice")
            for client in (alice, bob):
                state = await client.ask(action="presence", channel="chat")
                assert (state["clients"], state["users"]) == (2, 2)
                assert {member["client_id"] for member in state["members"]} == {"alice", "bob"}
        left = await bob.receive()
        assert (left["event"], left["client"]["client_id"]) == ("leave", "alice")


async def test_numbers_are_those_of_both() -> None:
    """`/api/stats` gives the sums, whichever is asked."""
    async with two() as (_, a, b), a.client() as one, b.client() as other, b.client(), api_of(a) as x, api_of(b) as y:
        for client in (one, other):
            await client.ask(action="subscribe", channel="chat")
        await x.publish("chat")
        for client in (one, other):
            await client.receive()
        for api in (x, y):
            stats = (await api("GET", "/api/stats")).json
            assert (stats["total_clients"], stats["total_messages_sent"], len(stats["nodes"])) == (3, 2, 2)
            assert stats["channel_stats"] == {"chat": 2}
            assert "partial" not in stats


async def test_a_client_changes_hub_and_transport_in_mid_stream() -> None:
    """With its positions alone: WebSocket, events, lines and back, while publications come on both hubs."""
    options: dict[str, Any] = {
        "channels__rooms": {"ops": {"members": ["follower"]}},
        "channels__defaults": {"history_size": 100_000},
    }
    async with two(**options) as (_, a, b):
        follower = Follower(a)
        async with publishing(b) as published:
            await follower.by_websocket(50)
            for turn in range(2):
                follower.hub = b
                await follower.by_stream("sse", 100)
                follower.hub = a
                await follower.by_stream("ndjson", 100)
                follower.hub = b if turn else a
                await follower.by_websocket(100)
        assert follower.gaps == 0
        for channel in CHANNELS:
            mine = [item for item in follower.got if item[0] == channel]
            sent = [item for item in published if item[0] == channel]
            begin = sent.index(mine[0])
            assert mine == sent[begin : begin + len(mine)]


async def test_a_conflated_channel_has_one_newest_value_per_key() -> None:
    """Published on both in turn: readers on both end with the same, and one that was away gets the newest of each."""
    async with two() as (_, a, b), a.client() as here, b.client() as there:
        for client in (here, there):
            await client.ask(action="subscribe", channel="prices")
        for number in range(60):
            await (b if number % 2 else a).publish("prices", "t", number, key=f"k{number % 3}")
        epoch = ""
        for client in (here, there):
            newest: dict[str, int] = {}
            while newest.get("k2") != 59:
                message = await client.receive()
                assert newest.get(message["key"], -1) < message["data"]
                newest[message["key"]], epoch = message["data"], message["epoch"]
            assert newest == {"k0": 57, "k1": 58, "k2": 59}
        for live in (a, b):
            async with live.client() as late:
                reply = await late.ask(action="subscribe", channel="prices", since={"epoch": epoch, "offset": 5})
                assert (reply["recovered"], reply["replayed"]) == (True, 3)
                assert [(await late.receive())["data"] for _ in range(3)] == [57, 58, 59]
