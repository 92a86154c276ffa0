"""What agents remember and forget, told to whom it belongs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest

from channels.messages import parse_message
from channels.push import Push
from hub.notify import Inbox
from integrations.memory_updates import MemoryUpdates
from tests.integration.api_client import token_for
from tests.kit import ManualClock
from tests.live import Client, LiveHub, running, with_keys

SECRETS = ("alice", "m-81", "planner", "preference", "Monday", "conversation-12")


class World:
    """A publisher that keeps what was published."""

    def __init__(self, takes: bool = True) -> None:
        self.clock = ManualClock()
        self.published: list[tuple[str, str, Any]] = []
        self.takes = takes
        self.updates = MemoryUpdates(Push(self._publish), interval=10.0, now=self.clock.monotonic)

    def _publish(self, channel: str, type: str, data: Any) -> bool:
        if self.takes:
            self.published.append((channel, type, orjson.loads(orjson.dumps(data))))
        return self.takes

    def remember(self, owner: str = "alice", id: str = "m-81", **fields: Any) -> bool:
        given = {"kind": "preference", "summary": "Reports on Monday", "agent": "planner", "source": "conversation-12"}
        return self.updates.created(owner, id, **{**given, **fields})

    def shared(self) -> list[Any]:
        return [data for channel, _, data in self.published if channel == "memory_updates"]


def test_each_operation_is_one_message_for_the_owner() -> None:
    """With all that is known, as its schema says."""
    world = World()
    assert world.remember(importance=0.75)
    assert world.updates.changed("alice", "m-81", kind="preference", summary="On Tuesday", changed=["summary"])
    assert world.updates.pruned("alice", 250, "not used for 90 days", (f"m-{n}" for n in range(250)), agent="keeper")
    assert world.updates.deleted("alice", "m-81", reason="asked for")
    assert [(channel, type) for channel, type, _ in world.published] == [
        ("user:alice", f"memory_{kind}") for kind in ("created", "changed", "pruned", "deleted")
    ]
    for _, type, data in world.published:
        assert parse_message(type, data).model_dump(mode="json") == data
    assert world.published[0][2]["importance"] == 0.75
    assert (world.published[2][2]["count"], len(world.published[2][2]["memory_ids"])) == (250, 100)
    assert world.updates.outcomes == {"told": 4}


def test_the_shared_channel_has_numbers_of_an_interval() -> None:
    """Not with the operation: when it came can't be told, nor whose it was."""
    world = World()
    for owner in ("alice", "bob", "alice"):
        world.remember(owner)
    world.updates.pruned("bob", 40, "over the limit")
    world.clock.advance(9.9)
    world.updates.deleted("alice", "m-81")
    assert world.shared() == []
    world.clock.advance(0.1)
    world.remember("carol")
    assert world.shared() == [{"seconds": 10.0, "created": 4, "changed": 0, "pruned": 40, "deleted": 1}]
    text = orjson.dumps([entry for entry in world.published if entry[0] == "memory_updates"]).decode()
    assert not any(secret in text for secret in SECRETS)
    parse_message("memory_counts", world.shared()[0])


def test_a_lone_operation_is_not_told_at_once() -> None:
    """However long nothing happened before."""
    world = World()
    world.clock.advance(1e6)
    world.remember()
    assert world.shared() == []


def test_the_end_tells_what_is_left() -> None:
    """And nothing twice."""
    world = World()
    world.remember()
    world.clock.advance(3.4)
    assert world.updates.flush()
    assert not world.updates.flush()
    assert world.shared() == [{"seconds": 3.0, "created": 1, "changed": 0, "pruned": 0, "deleted": 0}]


async def test_the_timer_tells_when_it_is_due() -> None:
    """Only where something happened."""
    world = World()
    turns = 0

    async def sleep(seconds: float) -> None:
        nonlocal turns
        turns += 1
        world.clock.advance(seconds)
        if turns == 2:
            world.remember()
        if turns == 5:
            raise asyncio.CancelledError
        await asyncio.sleep(0)

    with pytest.raises(asyncio.CancelledError):
        await world.updates.run(sleep)
    assert len(world.shared()) == 1


def test_texts_are_fitted() -> None:
    """A long or odd summary is cut, not lost."""
    world = World()
    assert world.remember(summary="first\nsecond\u202e" + "x" * 5000)
    assert world.updates.deleted("alice", "m-81", reason="\x00why\x00")
    assert world.published[0][2]["summary"].startswith("first second xxx")
    assert len(world.published[0][2]["summary"]) == 1000
    assert world.published[1][2]["reason"] == "why"


@pytest.mark.parametrize(
    "fields",
    [
        {"owner": "no user/../id"},
        {"owner": ""},
        {"owner": None},
        {"owner": "room:ops\n"},
        {"id": ""},
        {"id": "x" * 300},
        {"summary": ""},
        {"summary": None},
        {"kind": 5},
        {"importance": 2.0},
        {"importance": float("nan")},
    ],
    ids=str,
)
def test_what_can_not_be_told_hurts_nobody(fields: dict[str, Any]) -> None:
    """It is counted, and nothing of it goes anywhere but into the numbers."""
    world = World()
    assert not world.remember(**fields)
    assert world.published == []
    assert world.updates.outcomes == {"invalid": 1}
    assert world.updates.flush()


def test_without_a_hub_nothing_happens() -> None:
    """No hub, or one that takes nothing, or one that raises: the caller goes on."""

    def broken(channel: str, type: str, data: Any) -> bool:
        raise RuntimeError("hub")

    for push in (Push(), Push(broken), Push(lambda *_: False)):
        updates = MemoryUpdates(push, interval=0.0)
        assert not updates.created("alice", "m", kind="fact", summary="s")
        assert not updates.pruned("alice", -1, "negative")
        assert updates.outcomes == {"untold": 1, "invalid": 1}


def test_many_threads() -> None:
    """None of their operations is lost from the numbers."""
    world = World()

    def work(thread: int) -> None:
        for number in range(200):
            world.remember(f"user-{thread}", f"m-{number}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    world.updates.flush()
    assert world.shared()[0]["created"] == 1600
    assert world.updates.outcomes == {"told": 1600}


@pytest.fixture
async def live() -> AsyncIterator[tuple[LiveHub, Inbox]]:
    inbox = Inbox()
    async with running(with_keys(), inbox) as hub:
        yield hub, inbox


async def _heard(client: Client) -> list[dict[str, Any]]:
    """Return what has come so far: it stands before the answer to a ping."""
    got = []
    await client.send({"action": "ping"})
    while (message := await client.receive())["type"] != "pong":
        got.append(message)
    return got


async def test_nothing_of_one_owner_reaches_another(live: tuple[LiveHub, Inbox]) -> None:
    """On a real hub: alice hears of her memories, bob of his, neither may listen to the other, and who listens to the
    shared channel hears numbers."""
    hub, inbox = live
    updates = MemoryUpdates(Push(inbox.put))
    async with AsyncExitStack() as stack:
        clients: dict[str, Client] = {}
        for user in ("alice", "bob", "mallory"):
            headers = {"Authorization": f"Bearer {token_for(hub, user)}"}
            clients[user] = client = await stack.enter_async_context(hub.client(user, headers=headers))
            for channel in (f"user:{user}", "memory_updates"):
                assert (await client.ask(action="subscribe", channel=channel))["status"] == "success"
        refused = await clients["mallory"].ask(action="subscribe", channel="user:alice")
        assert refused["code"] == "permission_denied"
        updates.created("alice", "m-81", kind="preference", summary="Reports on Monday", agent="planner")
        updates.changed("alice", "m-81", kind="preference", summary="Reports on Tuesday", agent="planner")
        updates.pruned("bob", 3, "expired", ["m-1", "m-2", "m-3"])
        updates.deleted("alice", "m-81", agent="planner")
        updates.flush()
        got: dict[str, list[dict[str, Any]]] = {}
        async with asyncio.timeout(10):
            for user, client in clients.items():
                got[user] = []
                while not any(message["channel"] == "memory_updates" for message in got[user]):
                    got[user] += await _heard(client)
    types = {user: [message["type"] for message in messages] for user, messages in got.items()}
    assert types == {
        "alice": ["memory_created", "memory_changed", "memory_deleted", "memory_counts"],
        "bob": ["memory_pruned", "memory_counts"],
        "mallory": ["memory_counts"],
    }
    assert {message["channel"] for message in got["alice"]} == {"user:alice", "memory_updates"}
    counts = got["mallory"][0]["data"]
    assert counts == {"seconds": 1.0, "created": 1, "changed": 1, "pruned": 3, "deleted": 1}
    for user in ("bob", "mallory"):
        assert not any(secret in str(got[user]) for secret in SECRETS)
