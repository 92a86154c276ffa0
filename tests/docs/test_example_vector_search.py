"""The program in `examples/vector_search.py`."""

from __future__ import annotations

from typing import Any

import aiohttp
from aiohttp import web

from tests.docs.pages import ROOT

EXAMPLE = ROOT / "examples" / "vector_search.py"


async def test_an_application_whose_searches_can_be_followed() -> None:
    """Its answer is the text that fits, and who follows the channel sees the search."""
    namespace: dict[str, Any] = {"__name__": "vector_search"}
    exec(compile(EXAMPLE.read_text("utf-8"), "examples/vector_search.py", "exec"), namespace)  # noqa: S102
    runner = web.AppRunner(await namespace["make_app"]())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{url}/tocsin/ws")
        await socket.send_json({"action": "subscribe", "channel": "vector_search"})
        assert [(await socket.receive_json())["type"] for _ in range(2)] == ["connection", "subscribe"]
        async with session.get(f"{url}/search", params={"q": "when do I change the filter?"}) as answer:
            hits = await answer.json()
        heard = [await socket.receive_json() for _ in range(4)]
        await socket.close()
    await runner.cleanup()
    assert [hit["text"] for hit in hits] == ["Change the filter of the pump every six months."]
    assert [message["data"].get("status") for message in heard] == ["embedding", "searching", "completed", None]
    completed = heard[3]["data"]
    assert (completed["collection"], completed["results_count"], completed["top_k"]) == ("manuals", 1, 1)
    assert completed["query"] == "when do I change the filter?"
