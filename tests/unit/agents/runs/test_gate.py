"""So many at once, and the others in order."""

from __future__ import annotations

import asyncio

import pytest

from agents.runs.gate import Gate
from channels.errors import ErrorCode, ReplyError


async def test_places_are_given_in_order() -> None:
    """Never more at once than there are."""
    gate, inside, order, most = Gate(2, 1.0), 0, [], 0

    async def work(number: int) -> None:
        nonlocal inside, most
        async with gate.one_soon() if number % 2 else gate.one():
            order.append(number)
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*map(work, range(9)))
    assert (order, most) == (list(range(9)), 2)


async def test_who_may_be_refused_doesnt_wait_for_ever() -> None:
    """It is told when to come again, and has taken nothing: the next one gets the place."""
    gate = Gate(1, 0.01)
    async with gate.one():
        with pytest.raises(ReplyError, match="busy") as refused:
            async with gate.one_soon():
                pass
    assert (refused.value.code, refused.value.details["retry_after"]) == (ErrorCode.UNAVAILABLE, 1)
    with pytest.raises(ZeroDivisionError):
        async with gate.one_soon():
            raise ZeroDivisionError
    async with gate.one_soon():
        pass
