"""The Valkey that the supervisor runs. What becomes of data is shown in tests/integration."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.embedded.folder import StoreFailed
from hub.workers.folder import Folder
from hub.workers.store import EmbeddedValkey
from hub.workers.valkey import binary, command, is_up, running_on
from tests.live import until

pytestmark = pytest.mark.timeout(120)


def store_in(folder: Path, fsync: str = "no") -> EmbeddedValkey:
    made = Folder(folder)
    return EmbeddedValkey(made, command(binary(), made, "always" if fsync == "always" else "no"))


async def up(socket: Path) -> None:
    """Wait until a server takes commands there."""
    async with asyncio.timeout(20):
        while not await is_up(socket):  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.01)


@asynccontextmanager
async def started(store: EmbeddedValkey) -> AsyncIterator[str]:
    try:
        yield await store.start()
    finally:
        await store.stop()


async def test_it_runs_between_start_and_stop(tmp_path: Path) -> None:
    """The address is that of a Unix socket; afterwards nobody is there, and the folder is free."""
    store = store_in(tmp_path)
    async with started(store) as url:
        assert url == f"unix://{tmp_path}/valkey.sock"
        assert await is_up(tmp_path / "valkey.sock")
        assert [process.pid for process in running_on(Folder(tmp_path))] == [store.pid]
    assert running_on(Folder(tmp_path)) == []
    assert store.pid is None
    async with started(store_in(tmp_path)):
        pass


async def test_one_that_dies_is_started_again(tmp_path: Path) -> None:
    """On the same socket, since workers look there."""
    store = store_in(tmp_path)
    async with started(store):
        first = store.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: store.pid != first)
        await up(tmp_path / "valkey.sock")


async def test_a_leftover_that_is_alike_is_taken_over_and_ended_with_us(tmp_path: Path) -> None:
    """It isn't our child, and yet its death is noticed, too."""
    folder = Folder(tmp_path)
    left = await asyncio.create_subprocess_exec(*command(binary(), folder, "no"))
    await up(folder.socket)
    store = store_in(tmp_path)
    async with started(store):
        assert store.pid == left.pid
        left.kill()
        await left.wait()
        await until(lambda: store.pid != left.pid)


async def test_a_leftover_with_other_options_is_replaced(tmp_path: Path) -> None:
    """It would not do what is configured now."""
    folder = Folder(tmp_path)
    left = await asyncio.create_subprocess_exec(*command(binary(), folder, "no"))
    await up(folder.socket)
    store = store_in(tmp_path, "always")
    async with started(store):
        assert store.pid != left.pid
        assert await left.wait() == 0


async def test_why_it_can_not_start(tmp_path: Path) -> None:
    """With the end of its log; and the folder is free again once it is stopped."""
    folder = Folder(tmp_path)
    program = [sys.executable, "-c", f"open({str(folder.log)!r}, 'w').write('Fatal: no room')"]
    store = EmbeddedValkey(folder, program)
    with pytest.raises(StoreFailed, match=r"ended at once \(exit code 0\).*valkey\.log says: Fatal: no room"):
        async with started(store):
            raise AssertionError
    folder.claim()
    folder.release()


async def test_a_stop_in_the_middle_of_the_start_ends_it(tmp_path: Path) -> None:
    """One that never comes up is no reason to stay."""
    store = EmbeddedValkey(Folder(tmp_path), [sys.executable, "-c", "import time; time.sleep(60)"])
    starting = asyncio.create_task(store.start())
    await until(lambda: store.pid is not None)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    began = time.monotonic()
    await store.stop()
    assert time.monotonic() - began < 10
    assert store.pid is None
