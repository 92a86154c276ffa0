"""The agents that a process has read."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from agents.catalog.agent import Agent, AgentConfig
from agents.catalog.cache import Cache
from tests.kit import ManualClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def agent(id: UUID | None = None, version: int = 1) -> Agent:
    return Agent(id or uuid4(), "coder", AgentConfig(), "ready", version, NOW, NOW)


def test_only_the_right_version_is_taken() -> None:
    """Another one is dropped: it is never right again."""
    cache, one = Cache(10, 300, ManualClock().monotonic), agent()
    cache.put("user:a", one)
    assert cache.take("user:a", one.id, 1) is one
    assert cache.take("user:a", one.id, 2) is None
    assert len(cache) == 0
    assert (cache.hits, cache.misses) == (1, 1)


def test_an_owner_has_their_own() -> None:
    """The same id under another owner is nothing."""
    cache, one = Cache(10, 300, ManualClock().monotonic), agent()
    cache.put("user:a", one)
    assert cache.take("user:b", one.id, 1) is None
    assert cache.take("user:a", one.id, 1) is one


def test_it_is_kept_for_its_lifetime() -> None:
    """However often it is taken."""
    clock = ManualClock()
    cache, one = Cache(10, 300, clock.monotonic), agent()
    cache.put("user:a", one)
    clock.advance(299)
    assert cache.take("user:a", one.id, 1) is one
    clock.advance(1)
    assert cache.take("user:a", one.id, 1) is None


def test_the_longest_unused_goes() -> None:
    """When there are too many."""
    cache, agents = Cache(2, 300, ManualClock().monotonic), [agent() for _ in range(3)]
    cache.put("user:a", agents[0])
    cache.put("user:a", agents[1])
    cache.take("user:a", agents[0].id, 1)
    cache.put("user:a", agents[2])
    assert [cache.take("user:a", one.id, 1) is not None for one in agents] == [True, False, True]


def test_without_a_lifetime_nothing_is_kept() -> None:
    """So the cache can be switched off."""
    cache, one = Cache(10, 0, ManualClock().monotonic), agent()
    cache.put("user:a", one)
    assert len(cache) == 0


def test_dropping() -> None:
    """Also of what isn't there."""
    cache, one = Cache(10, 300, ManualClock().monotonic), agent()
    cache.put("user:a", one)
    cache.drop("user:b", one.id)
    assert len(cache) == 1
    cache.drop("user:a", one.id)
    cache.drop("user:a", one.id)
    assert len(cache) == 0
