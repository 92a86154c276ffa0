"""SIGHUP: other options while a hub runs, without a connection that drops or a request that fails."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from channels.clock import SystemClock
from hub.auth import Grants, sign
from hub.options import AuthOptions, KeyOptions
from tests.integration.supervised import Supervised, supervised

pytestmark = pytest.mark.timeout(120)

KEYS = {name: {"id": name, "secret": f"the-secret-of-key-{name}-of-at-least-32-bytes"} for name in ("old", "new")}
"""Both as `auth.keys` has them."""


def token(key: str, user: str = "alice", **grants: Any) -> str:
    options = AuthOptions(keys=(KeyOptions.model_validate(KEYS[key]),))
    return sign(user, Grants(**grants), options=options, clock=SystemClock())


async def in_thread(work: Any, *arguments: Any, **fields: Any) -> Any:
    return await asyncio.to_thread(work, *arguments, **fields)


async def reloaded(
    hub: Supervised, folder: Path, text: str = "configuration reloaded", **options: Any
) -> dict[str, Any]:
    """Change the file, send SIGHUP, and wait for what the log says about it."""
    hub.configure({**options, "redis": {"embedded_dir": str(folder / "valkey")}})
    before = hub.signal(signal.SIGHUP)
    line: dict[str, Any] = await in_thread(hub.line, text, before)
    return line


@asynccontextmanager
async def socket_of(url: str, bearer: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    headers = {"Authorization": f"Bearer {bearer}"}
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws", headers=headers) as each:
        assert (await each.receive_json(timeout=20))["status"] == "connected"
        yield each


async def publish(session: aiohttp.ClientSession, url: str, key: str) -> int:
    body = {"channel": "system_alerts", "type": "alert", "data": {"summary": key}}
    headers = {"Authorization": f"Bearer {token(key, publish=('system_alerts',))}"}
    async with session.post(f"{url}/api/publish", json=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("workers", [1, 2])
async def test_keys_are_rotated_under_load(tmp_path: Path, workers: int) -> None:
    """The new key joins, becomes the first, and the old one goes: who signs with a key that is configured before and
    after a step is never refused, and nobody is disconnected."""
    with supervised(tmp_path, workers=workers, auth={"keys": [KEYS["old"]]}) as hub:
        url = await in_thread(lambda: hub.url)
        statuses: set[int] = set()
        keys = ["old"]
        done = asyncio.Event()

        async def load() -> None:
            # Each request comes on a connection of its own, so that all workers are asked.
            while not done.is_set():
                async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session:
                    for key in tuple(keys):
                        statuses.add(await publish(session, url, key))

        async with socket_of(url, token("old")) as first, socket_of(url, token("old")) as second:
            loads = [asyncio.create_task(load()) for _ in range(4)]
            await reloaded(hub, tmp_path, auth={"keys": [KEYS["old"], KEYS["new"]]})
            keys.append("new")
            await reloaded(hub, tmp_path, auth={"keys": [KEYS["new"], KEYS["old"]]})
            keys.remove("old")
            done.set()
            await asyncio.gather(*loads)
            done.clear()
            loads = [asyncio.create_task(load()) for _ in range(4)]
            await reloaded(hub, tmp_path, auth={"keys": [KEYS["new"]]})
            done.set()
            await asyncio.gather(*loads)
            assert statuses == {200}
            async with aiohttp.ClientSession() as session:
                assert await publish(session, url, "old") == 401
            for each in (first, second):
                await each.send_json({"action": "ping", "id": 1})
                assert (await each.receive_json(timeout=20))["type"] == "pong"


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_file_with_faults_changes_nothing(tmp_path: Path, workers: int) -> None:
    """Each fault is named; what is right in the same file isn't taken either."""
    with supervised(tmp_path, workers=workers, auth={"keys": [KEYS["old"]]}) as hub:
        url = await in_thread(lambda: hub.url)
        async with socket_of(url, token("old")) as each:
            await reloaded(
                hub,
                tmp_path,
                "the configuration can't be used; nothing is changed",
                auth={"keys": [KEYS["new"]]},
                limits={"batch": 0, "bacth": 1},
            )
            for option in ("limits.batch", "limits.bacth"):
                assert (await in_thread(hub.line, f"{option}:"))["level"] == "error"
            async with aiohttp.ClientSession() as session:
                assert await publish(session, url, "old") == 200
                assert await publish(session, url, "new") == 401
            await each.send_json({"action": "ping", "id": 1})
            assert (await each.receive_json(timeout=20))["type"] == "pong"


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_needs_a_restart_is_named(tmp_path: Path, workers: int) -> None:
    """And the rest of the same file is taken."""
    with supervised(tmp_path, workers=workers, auth={"keys": [KEYS["old"]]}) as hub:
        url = await in_thread(lambda: hub.url)
        line = await reloaded(
            hub,
            tmp_path,
            server={"port": 1, "hosts": ["hub.example.com"]},
            auth={"keys": [KEYS["old"]]},
            websocket={"heartbeat": 5},
        )
        assert line["changed"] == ["server.hosts"]
        needs = {line.get("option") for line in hub.lines if str(line["event"]).startswith("needs a restart")}
        assert needs == {"server.port", "websocket.heartbeat"}
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{url}/health") as answer:
                assert answer.status == 403
            async with session.get(f"{url}/health", headers={"Host": "hub.example.com"}) as answer:
                assert answer.status == 200


@pytest.mark.parametrize("workers", [1, 2])
async def test_channels_come_and_go(tmp_path: Path, workers: int) -> None:
    """A new one can be subscribed to; subscriptions to one that is gone, or closed to the client, end with a notice."""
    keys = {"keys": [KEYS["old"]]}
    named: dict[str, Any] = {"deploys": {}, "builds": {}}
    with supervised(tmp_path, workers=workers, auth=keys, channels={"named": named}) as hub:
        url = await in_thread(lambda: hub.url)
        async with socket_of(url, token("old")) as each:
            for channel in ("deploys", "builds", "system_alerts"):
                await each.send_json({"action": "subscribe", "channel": channel})
                assert (await each.receive_json(timeout=20))["status"] == "success"
            changed = {"builds": {"subscribe": "token"}, "releases": {"history_size": 5}}
            await reloaded(hub, tmp_path, auth=keys, channels={"named": changed})
            notices = [await each.receive_json(timeout=20) for _ in range(2)]
            assert {(notice["type"], notice["channel"], notice["code"]) for notice in notices} == {
                ("unsubscribed", "deploys", "unknown_channel"),
                ("unsubscribed", "builds", "permission_denied"),
            }
            await each.send_json({"action": "subscribe", "channel": "releases"})
            assert (await each.receive_json(timeout=20))["status"] == "success"
            await each.send_json({"action": "subscribe", "channel": "deploys"})
            assert (await each.receive_json(timeout=20))["code"] == "unknown_channel"
