"""Claims, noticeboard and nodes of a single process. What they share with others is in tests/contract."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.local import Lasting, LocalClaims, LocalNodes, LocalNoticeboard, random_node
from tests.kit import ManualClock


def test_no_two_starts_share_a_name() -> None:
    """Names are random."""
    assert len({random_node() for _ in range(1000)}) == 1000
    assert LocalNodes().node != LocalNodes().node
    assert LocalNodes("given").node == "given"


def test_names_last_until_their_latest_end() -> None:
    """Put again, a name has the new end alone, be it later or earlier."""
    lasting = Lasting()
    for name, end in (("later", 10.0), ("later", 20.0), ("earlier", 20.0), ("earlier", 10.0), ("once", 15.0)):
        lasting.put(name, end)
    lasting.expire(10.0)
    assert lasting.ends == {"later": 20.0, "once": 15.0}
    lasting.expire(19.9)
    assert lasting.ends == {"later": 20.0}
    lasting.expire(20.0)
    assert lasting.ends == {}


def test_a_name_that_is_put_again_and_again_costs_no_more() -> None:
    """What is kept to find the next end is bounded by the names."""
    lasting = Lasting()
    for end in range(10_000):
        lasting.put("a", float(end))
    assert len(lasting._order) < 100
    lasting.expire(9_998.0)
    assert lasting.ends == {"a": 9_999.0}


async def test_claims_are_bounded() -> None:
    """No claim is forgotten early for a new one; who is refused may come back."""
    clock = ManualClock()
    claims = LocalClaims(clock, limit=2)
    assert await claims.claim("a", 10.0)
    assert await claims.claim("b", 20.0)
    with pytest.raises(ReplyError) as caught:
        await claims.claim("c", 10.0)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert not await claims.claim("a", 10.0)
    clock.advance(10.0)
    assert await claims.claim("c", 10.0)


async def test_notices_are_bounded() -> None:
    """None is taken down early; one that is up may be prolonged."""
    clock = ManualClock()
    board = LocalNoticeboard(clock, limit=1)
    await board.post("a", clock.now() + 10.0)
    with pytest.raises(ReplyError) as caught:
        await board.post("b", clock.now() + 10.0)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    await board.post("a", clock.now() + 20.0)
    clock.advance(20.0)
    await board.post("b", clock.now() + 10.0)


async def test_there_is_nobody_to_tell() -> None:
    """Nor does one hear oneself; the own report is there."""
    nodes = LocalNodes()
    heard: list[object] = []
    nodes.listen("kick", heard.append)
    assert await nodes.tell("kick", {}) == 0
    nodes.report(lambda: {"connections": 3})
    assert await nodes.reports() == {nodes.node: {"connections": 3}}
    assert heard == []
