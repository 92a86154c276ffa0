"""The hub in a process of its own."""

from __future__ import annotations

import aiohttp
import pytest

from benchmarks.agents.clients import enrol
from benchmarks.agents.hub import options_for
from benchmarks.agents.hub_process import hub_process
from benchmarks.agents.model_double import ModelDouble
from benchmarks.processes import Failed


async def test_it_answers_as_one_here_does_and_can_be_killed(agents_dsn: str, double: ModelDouble) -> None:
    """Tokens, counts and events come over its standard output; afterwards nobody answers."""
    async with hub_process(options_for(agents_dsn) | double.options()) as hub, aiohttp.ClientSession() as http:
        client = await enrol(http, hub, "anna")
        await client.say("Hello one-word")
        ((session, seq, _),) = await hub.write("anna", [client.session], 1, 0.0)
        assert session == client.session
        assert seq > 5
        counts = await hub.counts()
        assert counts.trips > 20
        assert counts.cpu > 0
        hub.kill()
        with pytest.raises((Failed, ConnectionError)):
            await hub.token("anna")
