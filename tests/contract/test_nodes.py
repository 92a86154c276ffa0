"""What the processes of a hub owe each other. See `channels.ports.Nodes`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from channels.ports import Nodes
from tests.contract.hub_worlds import NODES, NodesWorld

Heard = list[Mapping[str, Any]]


@pytest.fixture(params=NODES)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[NodesWorld]:
    async with NODES[request.param]() as world:
        yield world


def heard_by(node: Nodes, topic: str) -> Heard:
    heard: Heard = []
    node.listen(topic, heard.append)
    return heard


async def test_every_process_has_a_name_of_its_own(world: NodesWorld) -> None:
    """That is no other's."""
    assert len({node.node for node in world.nodes}) == len(world.nodes)
    assert all(node.node for node in world.nodes)


async def test_all_others_are_told(world: NodesWorld) -> None:
    """Not the one who tells; it learns how many they are."""
    heard = [heard_by(node, "kick") for node in world.nodes]
    message = {"client_id": "tab", "codes": [4003, None, True, 0.5], "nested": {"ü": "\n\0"}}
    assert await world.nodes[0].tell("kick", message) == len(world.nodes) - 1
    await world.time.until(lambda: all(heard[1:]))
    assert heard == [[], *([message] for _ in world.nodes[1:])]


async def test_topics_are_apart(world: NodesWorld) -> None:
    """What nobody listens to is nothing; several may listen to one topic."""
    others = [(heard_by(node, "kick"), heard_by(node, "kick"), heard_by(node, "stop")) for node in world.nodes[1:]]
    await world.nodes[0].tell("nobody", {"n": 0})
    await world.nodes[0].tell("kick", {"n": 1})
    await world.nodes[0].tell("stop", {"n": 2})
    await world.time.until(lambda: all(stops for _, _, stops in others))
    assert others == [([{"n": 1}], [{"n": 1}], [{"n": 2}]) for _ in others]


async def test_each_one_is_heard_in_order(world: NodesWorld) -> None:
    """Every message once, whatever others tell meanwhile."""
    last = world.nodes[-1]
    heard = heard_by(last, "count")
    for number in range(100):
        for node in world.nodes[:-1]:
            await node.tell("count", {"node": node.node, "n": number})
    await world.time.until(lambda: len(heard) >= 100 * (len(world.nodes) - 1))
    for node in world.nodes[:-1]:
        assert [message["n"] for message in heard if message["node"] == node.node] == list(range(100))


async def test_reports_tell_of_all(world: NodesWorld) -> None:
    """Of oneself as of now, of others by and by."""
    assert set(await world.nodes[0].reports()) == {node.node for node in world.nodes}
    for number, node in enumerate(world.nodes):
        node.report(lambda number=number: {"connections": number})  # type: ignore[misc]
    assert (await world.nodes[0].reports())[world.nodes[0].node] == {"connections": 0}
    last = world.nodes[-1]
    seen: list[Any] = [None]
    for _ in range(100):
        seen.append((await world.nodes[0].reports())[last.node])
        if seen[-1] == {"connections": len(world.nodes) - 1}:
            return
        await world.time.let_pass(0.05)
    raise AssertionError(f"the last report was {seen[-1]}")
