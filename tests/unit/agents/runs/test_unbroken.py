"""Work that is cancelled only when it is asked twice."""

from __future__ import annotations

import asyncio

import pytest

from agents.runs.unbroken import unbroken


class Transaction:
    """Work in two steps, the second of which waits for the test."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.done = False

    async def run(self) -> int:
        self.begun.set()
        await self.gate.wait()
        self.done = True
        return 7


async def test_nothing_in_between() -> None:
    """The result comes as it is."""
    transaction = Transaction()
    transaction.gate.set()
    assert await unbroken(transaction.run()) == (7, False)


async def test_one_cancel_is_told_and_two_are_heeded() -> None:
    """The first lets it go on to its end, and the caller may go on, too; the second ends it."""
    transaction = Transaction()
    caller = asyncio.create_task(unbroken(transaction.run()))
    await transaction.begun.wait()
    caller.cancel()
    await asyncio.sleep(0)
    transaction.gate.set()
    assert await caller == (7, True)
    assert caller.cancelling() == 0

    transaction = Transaction()
    caller = asyncio.create_task(unbroken(transaction.run()))
    await transaction.begun.wait()
    caller.cancel()
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert not transaction.done


async def test_what_it_raises_is_raised() -> None:
    """Cancelled or not."""

    async def fails() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await unbroken(fails())
