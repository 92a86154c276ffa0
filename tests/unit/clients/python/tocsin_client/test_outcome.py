"""What a notification returns."""

from __future__ import annotations

import asyncio

import pytest

from tocsin_client.outcome import ACCEPTED, REFUSED


async def test_it_may_be_awaited() -> None:
    """Again and again, since it never waits."""
    assert [await ACCEPTED, await ACCEPTED, await REFUSED] == [True, True, False]
    assert await asyncio.create_task(ACCEPTED)


def test_it_is_a_truth() -> None:
    """Without a loop, and on one of its own."""
    assert ACCEPTED
    assert not REFUSED
    assert asyncio.run(ACCEPTED)
    assert repr(REFUSED) == "Outcome(False)"
    ACCEPTED.close()
    with pytest.raises(KeyError):
        ACCEPTED.throw(KeyError("x"))
