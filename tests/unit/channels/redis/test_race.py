"""Asking several servers the same thing."""

from __future__ import annotations

import asyncio

import pytest

from channels.redis.config import Address
from channels.redis.connection import Lost
from channels.redis.race import STAGGER, first_answer

A, B, C = (Address(name, 1) for name in "abc")


async def test_the_first_that_answers_is_believed() -> None:
    """Those after it aren't asked, and those before it are let go."""
    asked: list[Address] = []
    let_go: list[Address] = []

    async def ask(server: Address) -> str:
        asked.append(server)
        if server == A:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                let_go.append(server)
                raise
        return server.host

    assert await first_answer((A, B, C), ask) == "b"
    assert (asked, let_go) == ([A, B], [A])


async def test_who_refuses_makes_room_at_once() -> None:
    """Only silence costs time."""

    async def ask(server: Address) -> str:
        if server != C:
            raise Lost(f"{server}: no")
        return server.host

    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await first_answer((A, B, C), ask) == "c"
    assert loop.time() - before < STAGGER


async def test_a_late_answer_counts() -> None:
    """The one that was silent first may be the only one that knows."""
    late = asyncio.Event()

    async def ask(server: Address) -> str:
        if server == A:
            await late.wait()
            return server.host
        late.set()
        raise Lost("b:1: no")

    assert await first_answer((A, B), ask) == "a"


async def test_nobody_answers() -> None:
    """Every reason is told."""

    async def ask(server: Address) -> str:
        raise Lost(f"{server}: no")

    with pytest.raises(Lost, match="a:1: no; b:1: no"):
        await first_answer((A, B), ask)
    with pytest.raises(Lost, match="no server is known"):
        await first_answer((), ask)
