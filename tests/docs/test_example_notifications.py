"""The programs `examples/verify_webhook.py` and `examples/memory_updates.py`, run as their readers run them."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from channels.model import START
from integrations.alert_notifiers import Notice, Refused, WebhookNotifier
from integrations.alert_notifiers.signature import sign
from integrations.alert_notifiers.webhook import body_of
from tests.docs.pages import ROOT
from tests.docs.test_examples import Program, started
from tests.integration.api_client import token_for
from tests.live import running, with_keys
from tests.unit.integrations.alert_notifiers.receivers import alert

EXAMPLES = ROOT / "examples"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@asynccontextmanager
async def _receiving() -> AsyncIterator[tuple[Program, str]]:
    command = (sys.executable, "-I", str(EXAMPLES / "verify_webhook.py"), "0")
    async with started(*command, WEBHOOK_SECRET=SECRET) as program:
        port = (await program.line()).removeprefix("listening on ")
        yield program, f"http://127.0.0.1:{port}/"


@asynccontextmanager
async def _notifier(url: str, secret: str = SECRET, late: float = 0.0) -> AsyncIterator[WebhookNotifier]:
    notifier = WebhookNotifier(url, secret, lambda: time.time() - late)
    await notifier.open()
    try:
        yield notifier
    finally:
        await notifier.close()


async def _refused(url: str, secret: str = SECRET, late: float = 0.0) -> bool:
    async with _notifier(url, secret, late) as notifier:
        try:
            await notifier.send(Notice("x", (alert(summary="not genuine"),)))
        except Refused as error:
            return str(error) == "answered 401"
    return False


async def test_a_receiver_takes_what_the_hub_signs() -> None:
    """And nothing else: another secret, an old message, a changed body; what is repeated is shown once."""
    async with _receiving() as (program, url):
        async with _notifier(url) as notifier:
            for id, summary in (("1", "disk almost full"), ("1", "disk almost full"), ("2", "pool exhausted")):
                await notifier.send(Notice(id, (alert(summary=summary),)))
        assert await program.line() == "firing critical disk almost full"
        assert await program.line() == "firing critical pool exhausted"
        assert await _refused(url, secret="another secret of some length")
        assert await _refused(url, late=301)
        assert not await _refused(url, late=290)
        assert await program.line() == "firing critical not genuine"
        body = b'{"alerts": []}'
        headers = sign(b"0123456789abcdef0123456789abcdef", "3", int(time.time()), b'{"alerts": [ ]}')
        async with aiohttp.ClientSession() as session:
            for given in (headers, {}, headers | {"webhook-timestamp": "soon"}):
                async with session.post(url, data=body, headers=given) as answer:
                    assert answer.status == 401
    assert body_of(Notice("i"))["alerts"] == []


async def test_an_agents_memory_says_what_it_does() -> None:
    """Each operation to the owner, numbers to everybody."""
    async with running(with_keys()) as live:
        token = token_for(live, "agents", publish=("user:*", "memory_updates"))
        command = (sys.executable, str(EXAMPLES / "memory_updates.py"), "alice")
        async with started(*command, TOCSIN_URL=live.url, TOCSIN_TOKEN=token) as program:
            assert await program.line() == "remembers m-2 m-3 m-4"
        own = await live.hub.engine.history("user:alice", None, START, 100)
        shared = await live.hub.engine.history("memory_updates", None, START, 100)
    kinds = ["created", "created", "created", "changed", "created", "pruned"]
    assert [publication.type for publication in own.publications] == [f"memory_{kind}" for kind in kinds]
    assert [publication.type for publication in shared.publications] == ["memory_counts"]
    assert shared.publications[0].data == b'{"seconds":1.0,"created":4,"changed":1,"pruned":1,"deleted":0}'
