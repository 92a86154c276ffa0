"""What an operator does on one process is done on all: disconnect, send, revoke, expel, list."""

from __future__ import annotations

from contextlib import AsyncExitStack

from hub.closing import CloseCode
from tests.integration.api_client import api_of, token_for
from tests.integration.joined_hubs import joined
from tests.live import settings_for, until, with_keys


async def test_a_client_is_disconnected_wherever_it_is() -> None:
    """By client id, by user and by session; the answer counts over all processes."""
    async with joined(settings_for(), 3) as (_, (a, b, c)), api_of(a) as api:
        for whom in ("client_id", "user", "session"):
            async with b.client("tab") as first, c.client("tab") as second, c.client("other") as other:
                value = "tab" if whom != "session" else second.welcome["session"]
                answer = await api("POST", "/api/disconnect", {whom: value})
                assert answer.json == {"disconnected": 1 if whom == "session" else 2}
                assert (await second.closed())[0] == CloseCode.DISCONNECTED
                if whom != "session":
                    assert (await first.closed())[0] == CloseCode.DISCONNECTED
                assert (await other.ask(action="ping"))["type"] == "pong"


async def test_a_session_is_deleted_on_another_process() -> None:
    """And one that is nowhere is not found."""
    async with joined(settings_for()) as (_, (a, b)), api_of(a) as api, b.client("tab") as client:
        assert (await api("DELETE", f"/api/connections/{client.welcome['session']}")).json == {"disconnected": 1}
        assert (await client.closed())[0] == CloseCode.DISCONNECTED
        assert (await api("DELETE", "/api/connections/s-none")).code == "not_found"


async def test_banning_reaches_all() -> None:
    """With the code that says so."""
    async with joined(settings_for()) as (_, (a, b)), api_of(a) as api, a.client("x") as here, b.client("x") as there:
        assert (await api("POST", "/api/disconnect", {"client_id": "x", "ban": True})).json == {"disconnected": 2}
        for client in (here, there):
            assert (await client.closed())[0] == CloseCode.BANNED


async def test_a_message_reaches_a_client_on_another_process() -> None:
    """Over HTTP and from the program; on all its connections, and nobody else's."""
    async with joined(settings_for(), 3) as (_, (a, b, c)), api_of(a) as api:
        async with b.client("tab") as first, c.client("tab") as second, c.client("other") as other:
            answer = await api("POST", "/api/send", {"client_id": "tab", "type": "note", "data": 1})
            assert answer.json == {"connections": 2}
            assert await a.hub.manager.send_to_client("tab", {"type": "note", "data": 2}) == 2
            for client in (first, second):
                assert [(await client.receive())["data"] for _ in range(2)] == [1, 2]
            assert (await other.ask(action="ping"))["type"] == "pong"
        assert (await api("POST", "/api/send", {"client_id": "nobody", "type": "t", "data": 1})).code == "not_found"
        assert await a.hub.manager.send_to_client("nobody", {"type": "t"}) == 0


async def test_a_message_is_for_the_user_who_has_had_the_client_id_longest() -> None:
    """Another user may take the same client id on another process; what is sent to the first isn't for them."""
    async with joined(with_keys()) as (_, (a, b)):
        alice = {"Authorization": f"Bearer {token_for(a, 'alice')}"}
        mallory = {"Authorization": f"Bearer {token_for(a, 'mallory')}"}
        async with a.client("tab", headers=alice) as first, b.client("tab", headers=mallory) as second:
            for live in (a, b):
                assert await live.hub.manager.send_to_client("tab", {"type": "secret"}) == 1
                assert (await first.receive())["type"] == "secret"
            assert (await second.ask(action="ping"))["type"] == "pong"


async def test_a_revoked_user_is_out_everywhere() -> None:
    """Live connections of all processes are closed, and the token is refused by all, and by one that starts later."""
    async with joined(with_keys()) as (processes, (a, b)):
        token = token_for(a, "alice", admin=True)
        headers = {"Authorization": f"Bearer {token}"}
        async with a.client("x", headers=headers) as here, b.client("y", headers=headers) as there:
            async with api_of(a, token_for(a, "root", admin=True)) as api:
                assert (await api("POST", "/api/revocations", {"user": "alice"})).status == 204
            for client in (here, there):
                assert (await client.closed())[0] == CloseCode.TOKEN_REVOKED
            async with processes.one("late") as late:
                for live in (a, b, late):
                    async with api_of(live, token) as api:
                        assert (await api("GET", "/api/stats")).code == "invalid_token"


async def test_an_expelled_user_is_off_the_channel_everywhere() -> None:
    """The subscriptions on all processes end with a notice, and are counted."""
    async with joined(settings_for()) as (_, (a, b)), api_of(a) as api:
        await api("PUT", "/api/channels/room:ops/members/tab")
        async with a.client("tab") as here, b.client("tab") as there:
            for client in (here, there):
                assert (await client.ask(action="subscribe", channel="room:ops"))["status"] == "success"
            assert (await api("DELETE", "/api/channels/room:ops/members/tab")).json == {"ended": 2}
            for client in (here, there):
                assert (await client.receive())["type"] == "unsubscribed"
        assert b.hub.engine.registry.counts() == {}


async def test_who_was_cut_off_learns_of_an_expulsion_later() -> None:
    """It is on the noticeboard; the answer says that it was partial."""
    async with joined(settings_for()) as (processes, (a, b)), api_of(a) as api:
        await api("PUT", "/api/channels/room:ops/members/tab")
        async with b.client("tab") as there:
            await there.ask(action="subscribe", channel="room:ops")
            processes.cut_off("b")
            answer = await api("DELETE", "/api/channels/room:ops/members/tab")
            assert answer.json == {"ended": 0, "partial": True, "missing": ["b"]}
            assert (await there.receive())["type"] == "unsubscribed"


async def test_connections_of_all_processes_are_listed() -> None:
    """A page at a time, each with its process; no connection twice, none left out."""
    async with joined(settings_for(), 3) as (_, hubs), api_of(hubs[1]) as api, AsyncExitStack() as stack:
        for number, live in enumerate(hubs * 3):
            await stack.enter_async_context(live.client(f"c{number}"))
        everything = (await api("GET", "/api/connections")).json
        assert everything["total"] == 9
        assert [row["node"] for row in everything["connections"]] == ["a", "b", "c"] * 3
        newest = (await api("GET", "/api/connections?order=desc&limit=4&search=c")).json
        assert [row["client_id"] for row in newest["connections"]] == ["c8", "c7", "c6", "c5"]
        paged = []
        for offset in range(0, 10, 2):
            page = (await api("GET", f"/api/connections?offset={offset}&limit=2")).json
            assert page["total"] == 9
            paged += page["connections"]
        assert [row["session"] for row in paged] == [row["session"] for row in everything["connections"]]
        one = (await api("GET", "/api/connections?client_id=c3")).json
        assert [(row["client_id"], row["node"]) for row in one["connections"]] == [("c3", "a")]
        assert (await api("GET", "/api/connections?offset=100")).json == {"connections": [], "total": 9}


async def test_a_list_says_who_did_not_answer() -> None:
    """After a second; the rest is there."""
    async with (
        joined(settings_for(), 3) as (processes, (a, b, c)),
        api_of(a) as api,
        b.client("tab"),
        c.client("tab"),
    ):
        processes.cut_off("c")
        answer = (await api("GET", "/api/connections")).json
        assert [row["node"] for row in answer["connections"]] == ["b"]
        assert (answer["total"], answer["partial"], answer["missing"]) == (1, True, ["c"])
        refused = await api("DELETE", "/api/connections/s-none")
        assert refused.code == "unavailable"
        assert "did not: c" in refused.json["error"]["message"]


async def test_without_the_broker_each_process_governs_its_own() -> None:
    """And says that this may not be all."""
    async with (
        joined(settings_for()) as (processes, (a, b)),
        api_of(a) as api,
        a.client("tab") as here,
        b.client("tab") as there,
    ):
        await api("GET", "/api/connections")
        processes.junction.away = True
        answer = await api("POST", "/api/disconnect", {"client_id": "tab"})
        assert answer.json["disconnected"] == 1
        assert answer.json["partial"] is True
        assert (await here.closed())[0] == CloseCode.DISCONNECTED
        assert (await there.ask(action="ping"))["type"] == "pong"
        assert (await api("POST", "/api/revocations", {"user": "alice"})).code == "unavailable"
        processes.junction.away = False


async def test_a_process_that_is_gone_is_not_waited_for() -> None:
    """Once its lease has ended it is in no answer."""
    async with joined(settings_for()) as (processes, (a, _)), api_of(a) as api, a.client("tab"):
        processes.nodes["b"].die()
        await until(lambda: len(processes.junction.nodes) == 1)
        answer = (await api("GET", "/api/connections")).json
        assert answer["total"] == 1
        assert "partial" not in answer
