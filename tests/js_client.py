"""The npm package of `clients/js`, built, and programs in Node that use it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from scripts.node_projects import CLIENT, build
from tests.needs import is_absent

PACKAGE = CLIENT.folder
FOLLOWER = PACKAGE / "test" / "live" / "follow.mjs"

Line = dict[str, Any]


@cache
def built() -> Path:
    """Build the package if its sources are newer than what is built; return its folder. Without its packages the test
    skips, or fails where all is required."""
    node = shutil.which("node")
    if node is None or not (PACKAGE / "node_modules").is_dir():
        is_absent("Node with the packages of clients/js", "install Node and npm, then make test")
    build(CLIENT, Path(node).parent)
    return PACKAGE


class Program:
    """A program in Node that writes lines of JSON.

    Attributes:
        lines: all that it wrote, in order.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._come = asyncio.Event()
        self.lines: list[Line] = []

    async def order(self, **order: Any) -> None:
        """Have it do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()

    def all(self, kind: str) -> list[Any]:
        """Everything of one kind that it wrote."""
        return [line[kind] for line in self.lines if kind in line]

    async def until(self, condition: Callable[[], object], timeout: float = 25.0) -> None:
        """Wait until what it wrote satisfies a condition."""
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    self._come.clear()
                    await self._come.wait()
        except TimeoutError:
            raise AssertionError(f"the condition doesn't hold after {self.lines[-20:]}") from None

    async def some(self, kind: str, count: int = 1) -> list[Any]:
        """Wait until it has written so many of a kind; return all of them."""
        await self.until(lambda: len(self.all(kind)) >= count)
        return self.all(kind)

    async def ended(self) -> int:
        """Wait until it ends by itself."""
        async with asyncio.timeout(15):
            return await self._process.wait()

    async def read(self) -> None:
        """Take what it writes, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(json.loads(line))
            self._come.set()


@asynccontextmanager
async def following(url: str, *channels: str, **settings: Any) -> AsyncIterator[Program]:
    """Run the client that follows channels; see `clients/js/test/live/follow.mjs` for the settings."""
    settings = {"url": url, "channels": list(channels), **settings}
    flags = ["--experimental-websocket"] if settings.get("native") else []
    async with running_node(*flags, str(FOLLOWER), json.dumps(settings)) as program:
        yield program


@asynccontextmanager
async def running_node(*arguments: str, folder: Path | None = None) -> AsyncIterator[Program]:
    """Run a module beside the test, in the folder of the npm package unless another is given."""
    process = await asyncio.create_subprocess_exec(
        *("node", *arguments),
        cwd=folder or built(),
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    program = Program(process)
    reading = asyncio.create_task(program.read(), name="reading what Node writes")
    try:
        yield program
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading
