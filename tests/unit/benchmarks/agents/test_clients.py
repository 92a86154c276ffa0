"""Clients of a hub."""

from __future__ import annotations

import aiohttp
import pytest

from benchmarks.agents.clients import enrol
from benchmarks.agents.hub import MeasuredHub
from benchmarks.agents.model_double import ModelDouble
from benchmarks.processes import Failed


async def test_a_client_has_an_agent_and_a_session_and_is_answered(hub: MeasuredHub, double: ModelDouble) -> None:
    """The time of the answer lies around the model's; what the hub refuses is a failure that says why."""
    async with aiohttp.ClientSession() as http:
        client = await enrol(http, hub, "anna")
        answer = await client.say("What is this-word")
        asked = double.asked["this-word"]
        assert answer.began < asked.began < asked.ended < answer.ended
        assert answer.run["agent_id"] == client.agent
        with pytest.raises(Failed, match=r"404.*no session"):
            await client.get("/my/chat/sessions/00000000-0000-4000-8000-000000000000")
