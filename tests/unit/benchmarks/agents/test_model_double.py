"""The model that costs nothing."""

from __future__ import annotations

import json

import aiohttp

from benchmarks.agents.model_double import PIECE, ModelDouble, piece


async def test_it_says_its_pieces_at_its_pace_and_notes_when(double: ModelDouble) -> None:
    """All of one length, with their numbers; a question is known by its last word."""
    body = {"messages": [{"role": "user", "content": "who is word-7"}]}
    async with aiohttp.ClientSession() as http, http.post(f"{double.url}/chat/completions", json=body) as response:
        lines = (await response.text()).split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    deltas = [json.loads(line.removeprefix("data: "))["choices"][0]["delta"] for line in lines[:-2]]
    assert [delta.get("content") for delta in deltas] == [piece(0), piece(1), piece(2), None]
    assert len(piece(12)) == PIECE
    asked = double.asked["word-7"]
    assert asked.began <= asked.sent[0] < asked.sent[1] < asked.sent[2] < asked.ended
    assert asked.sent[2] - asked.sent[0] > 0.015
