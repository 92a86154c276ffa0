"""The act of the forge: a push as Gitea tells it, signed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from hub.demo.forge import Forge, payload
from integrations.forges.readers import read
from tests.unit.hub.demo.recorder import stage_in

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_the_hub_can_read_it() -> None:
    """A push to the demo's user, signed with the secret."""
    body = json.dumps(payload(COMMIT, "Change 2")).encode()
    headers = {
        "x-gitea-event": "push",
        "x-gitea-delivery": "1",
        "x-gitea-signature": hmac.new(b"secret", body, hashlib.sha256).hexdigest(),
    }
    delivery = read("gitea", headers, body, "secret", 0.0)
    assert (delivery.repository, delivery.pushed) == ("demo/shop", COMMIT)


async def test_it_is_posted_with_its_signature(tmp_path: Path) -> None:
    """And the hub's answer is told."""
    got: list[tuple[Any, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        got.append((request.headers, await request.read()))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/hooks/gitea", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    stage, _ = stage_in(tmp_path)
    try:
        await Forge(stage, f"http://127.0.0.1:{port}", "secret").pushed(COMMIT, "Change 2")
    finally:
        await runner.cleanup()
    ((headers, body),) = got
    assert headers["X-Gitea-Signature"] == hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert stage.doing["webhook"].endswith("the hub answered 202")


async def test_a_hub_that_is_away_is_told(tmp_path: Path) -> None:
    """As no answer."""
    stage, _ = stage_in(tmp_path)
    await Forge(stage, "http://127.0.0.1:1", "secret").pushed(COMMIT, "Change 2")
    assert stage.doing["webhook"].endswith("the hub answered 0")
    await asyncio.sleep(0)
