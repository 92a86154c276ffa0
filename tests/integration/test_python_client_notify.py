"""`notify_channel` of the Python client: business code doesn't notice the hub, nor its absence."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import tocsin_client
from channels.model import START
from tests.live import LiveHub, running, settings_for
from tests.proxy import proxied
from tocsin_client import HubError, Limits, Publisher, Unreachable, apublish, configure, flush, notify_channel, stats

CHANNEL = "chat"
SOURCE = Path(tocsin_client.__file__).parents[1]
FAST = Limits(backoff_first=0.02, backoff_longest=0.1)


@pytest.fixture(autouse=True)
def _off() -> Iterator[None]:
    """No test leaves a hub configured."""
    yield
    configure(None)


@pytest.fixture
async def live() -> AsyncIterator[LiveHub]:
    channels = {CHANNEL: {"publish": "everyone", "history_size": 5000}}
    async with running(settings_for(channels__named=channels, limits__message_bytes=2 << 20)) as live:
        yield live


async def published(live: LiveHub) -> list[tuple[str, Any]]:
    """What the channel holds: types and data."""
    found = await live.hub.engine.history(CHANNEL, None, START, 10_000)
    return [(publication.type, json.loads(publication.data)) for publication in found.publications]


async def test_a_hundred_threads_lose_and_mix_nothing(live: LiveHub) -> None:
    """Of 20 kB each; each thread's messages are in its order."""
    configure(live.url)
    text = "x" * 20_000

    def work(name: str) -> None:
        for number in range(20):
            assert notify_channel(CHANNEL, name, {"n": number, "text": text})

    threads = [threading.Thread(target=work, args=(f"thread-{number}",)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert await asyncio.to_thread(flush, 30)
    seen: dict[str, list[int]] = {}
    for type, data in await published(live):
        assert data["text"] == text
        seen.setdefault(type, []).append(data["n"])
    assert seen == {f"thread-{number}": list(range(20)) for number in range(100)}
    assert (stats().published, stats().full) == (2000, 0)


async def test_a_dead_hub_changes_nothing_for_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    """Calls stay fast, none raises, one line is logged, and the next hub gets everything in order."""
    async with running(settings_for()) as live:
        configure(live.url, limits=FAST)
        notify_channel("ai_analysis", "note", -1)
        assert await asyncio.to_thread(flush)
        port = live.port
    began = time.process_time()
    for number in range(1000):
        assert notify_channel("ai_analysis", "note", number)
    assert (time.process_time() - began) / 1000 < 0.001
    assert not await asyncio.to_thread(flush, 0.3)
    warnings = [record for record in caplog.records if record.name == "tocsin_client" and record.levelname == "WARNING"]
    assert len(warnings) == 1
    options = {"ai_analysis": {"history_size": 5000}}
    async with running(settings_for(server__port=port, channels__named=options)) as live:
        assert await asyncio.to_thread(flush, 10)
        found = await live.hub.engine.history("ai_analysis", None, None, 2000)
        assert [json.loads(publication.data) for publication in found.publications] == list(range(1000))


async def test_lost_answers_double_nothing(live: LiveHub) -> None:
    """The link breaks at any byte of the answers: everything is sent again, and published once."""
    cuts = iter([*range(1, 400, 9)])
    async with proxied(live.port, lambda: next(cuts, None)) as proxy:
        configure(proxy.url, limits=Limits(backoff_first=0.001, backoff_longest=0.01, batch=7))
        for number in range(300):
            notify_channel(CHANNEL, "note", number)
        assert await asyncio.to_thread(flush, 30)
    assert [data for _, data in await published(live)] == list(range(300))
    assert proxy.links > 10


async def test_what_one_publication_does_wrong_harms_no_other(live: LiveHub, caplog: pytest.LogCaptureFixture) -> None:
    """Unknown channels, data that is too deep for the hub, and data that is no JSON are dropped and counted."""
    configure(live.url)
    deep: Any = 0
    for _ in range(150):
        deep = [deep]
    for number in range(40):
        notify_channel(CHANNEL, "note", number)
        if number % 10 == 5:
            notify_channel("nowhere", "note", number)
            notify_channel(CHANNEL, "note", deep)
            assert not notify_channel(CHANNEL, "note", {"when": object()})
    assert await asyncio.to_thread(flush, 10)
    assert [data for _, data in await published(live)] == list(range(40))
    counts = stats()
    assert (counts.published, counts.refused, counts.unencodable) == (40, 8, 4)
    assert len(caplog.records) <= 3


PROGRAM = """
import os, sys
import tocsin_client as t
"""


def run(script: str, url: str | None, timeout: float = 20) -> subprocess.CompletedProcess[str]:
    """Run a program that notifies."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    if url is not None:
        environment["TOCSIN_URL"] = url
    command = [sys.executable, "-W", "error", "-c", PROGRAM + script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout, check=False)


async def test_what_waits_at_exit_is_sent(live: LiveHub) -> None:
    """The process ends at once, and nothing is lost; a hub is found by its environment."""
    result = await asyncio.to_thread(run, "for n in range(500): t.notify_channel('chat', 'note', n)", live.url)
    assert (result.returncode, result.stderr) == (0, "")
    assert [data for _, data in await published(live)] == list(range(500))


async def test_an_exit_has_a_deadline() -> None:
    """Though a hub takes connections and never answers."""
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel takes the connection, and nobody the request
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        result = await asyncio.to_thread(run, "t.notify_channel('chat', 'note', 1)", url)
    assert result.returncode == 0
    assert time.monotonic() - began < 10


async def test_without_a_hub_nothing_happens() -> None:
    """No thread, no word, no error; `publish` says what is missing."""
    script = """
import threading
assert not {'asyncio', 'websockets'} & sys.modules.keys()  # a service that only notifies doesn't pay for them
assert not t.notify_channel('chat', 'note', 1) and not t.notify_user('alice', 'note', object())
assert t.flush() and t.stats() == t.Stats() and threading.active_count() == 1
try:
    t.publish('chat', 'note', 1)
except t.HubError as error:
    assert error.code == 'unconfigured'
"""
    result = await asyncio.to_thread(run, script, None)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


FORK = """
def say(who):
    for n in range(100): t.notify_channel('chat', who, n)
say('before')
if {flush}: t.flush()
children = []
for number in range(3):
    child = os.fork()
    if not child:
        say('child %d' % number)
        sys.exit(0)
    children.append(child)
say('parent')
for child in children: assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.parametrize("flushed", [True, False])
async def test_forked_processes_send_their_own(live: LiveHub, flushed: bool) -> None:
    """What waited at the fork is the parent's, and is published once; so is what each child notifies."""
    script = "import warnings; warnings.simplefilter('ignore', DeprecationWarning)\n" + FORK.format(flush=flushed)
    result = await asyncio.to_thread(run, script, live.url)
    assert (result.returncode, result.stderr) == (0, "")
    seen: dict[str, list[int]] = {}
    for type, data in await published(live):
        seen.setdefault(type, []).append(data)
    names = ["before", "child 0", "child 1", "child 2", "parent"]
    assert seen == {name: list(range(100)) for name in names}


async def test_processes_of_multiprocessing_send_what_waits(live: LiveHub) -> None:
    """They run no `atexit` functions."""
    script = """
import multiprocessing
def work(name): [t.notify_channel('chat', name, n) for n in range(50)]
if __name__ == '__main__':
    context = multiprocessing.get_context('fork')
    process = context.Process(target=work, args=('child',))
    process.start()
    process.join()
"""
    result = await asyncio.to_thread(run, script, live.url)
    assert (result.returncode, result.stderr) == (0, "")
    assert await published(live) == [("child", number) for number in range(50)]


async def test_signal_handlers_may_notify(live: LiveHub) -> None:
    """Also one that interrupts a notification."""
    script = """
import signal, threading
signal.signal(signal.SIGALRM, lambda *_: t.notify_channel('chat', 'signal', 1))
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for n in range(3000): t.notify_channel('chat', 'note', n)
signal.setitimer(signal.ITIMER_REAL, 0)
assert t.flush(10), t.stats()
"""
    result = await asyncio.to_thread(run, script, live.url)
    assert (result.returncode, result.stderr) == (0, "")
    seen = await published(live)
    assert [data for type, data in seen if type == "note"] == list(range(3000))
    assert len(seen) > 3000


async def test_publish_waits_and_raises(live: LiveHub) -> None:
    """The position of what went well; typed errors for the rest."""
    configure(live.url)
    answer = await apublish(CHANNEL, "note", 1, idempotency_key="k")
    again = await apublish(CHANNEL, "note", 1, idempotency_key="k")
    assert answer.position is not None
    assert (again.position, again.duplicate) == (answer.position, True)
    with pytest.raises(HubError) as caught:
        await apublish("nowhere", "note", 1)
    assert (caught.value.code, caught.value.temporary) == ("unknown_channel", False)
    with Publisher("http://127.0.0.1:9") as nobody, pytest.raises(Unreachable):
        await asyncio.to_thread(nobody.publish, CHANNEL, "note", 1, timeout=0.2)
