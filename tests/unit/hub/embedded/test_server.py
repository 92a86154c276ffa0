"""Running any server: what is done in which order, whatever kind it is. The real ones have tests of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from hub.embedded.folder import Kind, PrivateFolder, StoreFailed
from hub.embedded.process import FORCE
from hub.embedded.server import EmbeddedServer
from tests.live import until

KIND = Kind("Thing", "thing", "thing.sock", "thing.dir", "share one")
_SLEEP = "import time; time.sleep(60)"


class Thing:
    """A program that is up from its second look on, and writes down what is asked of it."""

    purpose = "things are done by an embedded Thing"
    signals = FORCE
    url = "thing://here"

    def __init__(self, folder: Path, code: str = _SLEEP) -> None:
        self.folder = PrivateFolder(folder, KIND)
        self.asked: list[str] = []
        self.looks = 0
        self.code = code

    async def prepare(self) -> None:
        self.asked.append("prepare")

    def leftovers(self) -> list[psutil.Process]:
        self.asked.append("leftovers")
        return []

    def is_alike(self, process: psutil.Process) -> bool:
        return False

    async def launch(self) -> asyncio.subprocess.Process:
        self.asked.append("launch")
        self.looks = 0
        return await asyncio.create_subprocess_exec(sys.executable, "-c", self.code)

    async def answers(self, timeout: float) -> bool:
        return True

    async def is_up(self) -> bool:
        self.looks += 1
        return self.looks > 1

    async def settle(self) -> None:
        self.asked.append("settle")


async def test_the_order_of_a_start(tmp_path: Path) -> None:
    """The folder is prepared before anybody is looked for in it, and settled once when the server is up."""
    thing = Thing(tmp_path)
    server = EmbeddedServer(thing)
    try:
        assert await server.start() == "thing://here"
        assert thing.asked == ["prepare", "leftovers", "launch", "settle"]
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: server.pid != first and thing.looks > 1)
        assert thing.asked[4:] == ["launch"]
    finally:
        await server.stop()
    assert server.pid is None


async def test_one_that_can_not_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is named in the error, with the end of its log; the folder is free after a stop."""
    thing = Thing(tmp_path, "raise SystemExit(3)")
    thing.folder.log.write_text("no room\n")

    async def never() -> bool:
        return False

    thing.is_up = never  # type: ignore[method-assign]
    server = EmbeddedServer(thing)
    with pytest.raises(
        StoreFailed, match=r"the embedded Thing ended at once \(exit code 3\).*thing\.log says: no room"
    ):
        await server.start()
    await server.stop()
    thing.folder.claim()
    thing.folder.release()
