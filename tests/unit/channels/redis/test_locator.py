"""Which locator a configuration asks for."""

from __future__ import annotations

from channels.redis.cluster import ClusterLocator
from channels.redis.config import Address, Redis
from channels.redis.locator import OneServer, locator_for
from channels.redis.sentinel import SentinelLocator

HERE = Address("h", 1)


async def test_one_server_has_everything() -> None:
    """Whatever is asked, doubted or said."""
    locator = locator_for(Redis((HERE,)))
    assert isinstance(locator, OneServer)
    locator.doubt()
    locator.moved(0, Address("elsewhere", 1))
    await locator.refresh()
    assert await locator.locate(locator.slot(b"any")) == HERE
    assert (locator.sharded, locator.version) == (False, 0)


def test_modes() -> None:
    """One kind each."""
    assert isinstance(locator_for(Redis((HERE,), mode="cluster")), ClusterLocator)
    assert isinstance(locator_for(Redis((HERE,), mode="sentinel", master="m")), SentinelLocator)
    assert locator_for(Redis((HERE,), mode="cluster")).sharded
    assert not locator_for(Redis((HERE,), mode="sentinel")).sharded
