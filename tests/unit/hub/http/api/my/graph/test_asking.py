"""What the fields of one query ask for, and how much. With a database: tests/integration/test_graphql.py."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.http.api.endpoint import Hub
from hub.http.api.my.agents import CreateAgentBody
from hub.http.api.my.graph.asking import AT_ONCE, ITEMS, Asking, FieldCall
from hub.http.api.my.member import PageQuery
from tests.unit.hub.http.api.calls import call, put_together


class Handler:
    """Keeps its calls, and holds them until it is told."""

    def __init__(self) -> None:
        self.calls: list[FieldCall] = []
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, _hub: Hub, made: FieldCall) -> str:
        self.calls.append(made)
        await self.go.wait()
        return "answer"


def asking() -> Asking:
    return Asking(put_together(), call())


async def refusal(made: Any) -> ReplyError:
    with pytest.raises(ReplyError) as refused:
        await made
    return refused.value


async def test_values_are_a_model_s_or_ids() -> None:
    """What isn't given has the model's default, and is checked as over HTTP."""
    handler = Handler()
    assert await asking().read(str, handler, PageQuery, limit=7, cursor=None, agent_id="a") == "answer"
    await asking().change(str, handler, CreateAgentBody, name="coder", config=None)
    read, change = handler.calls
    assert (read.query, read.named("agent_id"), read.body) == (PageQuery(limit=7), "a", None)
    assert (change.query, change.body.name) == (None, "coder")
    for wrong in (
        asking().read(str, handler, PageQuery, limit=201),
        asking().read(str, handler, agent_id="a\0"),
        asking().change(str, handler, CreateAgentBody, name="a", config={"x": 1}),
    ):
        assert (await refusal(wrong)).code is ErrorCode.INVALID_DATA


async def test_a_query_has_so_many_items() -> None:
    """By the limits that it asks for; what is no list is one."""
    one, handler = asking(), Handler()
    for _ in range(ITEMS // 200 - 1):
        await one.read(str, handler, PageQuery, limit=200)
    await one.read(str, handler, PageQuery, limit=199)
    await one.read(str, handler)
    assert (await refusal(one.read(str, handler))).details == {"limit": ITEMS}


async def test_a_query_takes_few_connections() -> None:
    """Its fields wait for each other."""
    one, handler = asking(), Handler()
    handler.go.clear()
    reads = [asyncio.ensure_future(one.read(str, handler)) for _ in range(AT_ONCE + 3)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(handler.calls) == AT_ONCE
    handler.go.set()
    assert len(await asyncio.gather(*reads)) == len(handler.calls) == AT_ONCE + 3
