"""Publishing until it is acknowledged."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from benchmarks.processes import Failed, free_port
from benchmarks.resilience import publisher
from benchmarks.resilience.publisher import HubPublisher
from tests.unit.benchmarks.resilience.doubles import listening


class _Api:
    """Answers publishes with what is left of its answers, then with success."""

    def __init__(self, *answers: tuple[int, dict[str, Any]]) -> None:
        self.answers = list(answers)
        self.bodies: list[dict[str, Any]] = []

    async def publish(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        status, said = self.answers.pop(0) if self.answers else (200, {"offset": 1})
        return web.json_response(said, status=status)


async def test_messages_are_numbered_and_stamped() -> None:
    """And counted when they are acknowledged."""
    api = _Api()
    async with listening({"/api/publish": api.publish}) as port:
        source = HubPublisher(port, "bells")
        await source.run(rate=1000, seconds=0.003)
    assert [body["data"]["n"] for body in api.bodies] == [0, 1, 2]
    assert (source.published, source.repeated) == (3, 0)
    assert len({body["idempotency_key"] for body in api.bodies}) == 3


async def test_what_failed_or_was_only_queued_is_asked_for_again_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same key, and the time of the first attempt: what a fault holds up is late."""
    monkeypatch.setattr(publisher, "PAUSE", 0.001)
    api = _Api((503, {"error": "unavailable"}), (202, {"queued": True, "offset": None}))
    async with listening({"/api/publish": api.publish}) as port:
        source = HubPublisher(port, "bells")
        await source.run(rate=1000, seconds=0.001)
    assert api.bodies == [api.bodies[0]] * 3
    assert (source.published, source.repeated) == (1, 2)


async def test_it_gives_up_with_the_last_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that never comes back must not hold the benchmark for ever."""
    monkeypatch.setattr(publisher, "PATIENCE", 0.05)
    monkeypatch.setattr(publisher, "PAUSE", 0.001)
    source = HubPublisher(free_port(), "bells")
    with pytest.raises(Failed, match=r"message 0 was not acknowledged.*Cannot connect"):
        await source.run(rate=1000, seconds=0.001)
    assert source.published == 0
