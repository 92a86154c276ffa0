"""The program `valkey-server`: where it is, how it is called, and finding one that runs on a folder already."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from hub.embedded.folder import StoreFailed
from hub.embedded.process import end, gone
from hub.workers.folder import Folder
from hub.workers.valkey import answers, binary, command, is_up, running_on


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def started(folder: Folder) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command(binary(), folder, "no"))


async def up(folder: Folder) -> None:
    async with asyncio.timeout(20):
        while not await is_up(folder.socket):  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.01)


def test_there_is_a_server_for_this_platform() -> None:
    """Of the version that the lock has."""
    said = subprocess.run([binary(), "--version"], capture_output=True, text=True, timeout=20, check=True)
    assert said.stdout.startswith("Valkey server v=9.")


@pytest.mark.parametrize(("system", "machine"), [("Windows", "AMD64"), ("Linux", "riscv64")])
def test_a_platform_without_a_server(system: str, machine: str) -> None:
    """Is told what to do instead."""
    with pytest.raises(StoreFailed, match=rf"{system} {machine}\); set redis\.url"):
        binary(system, machine)


def test_the_command_line_says_everything(folder: Folder) -> None:
    """Durable, private, and never dropping keys to make room."""
    words = command(Path("/bin/valkey-server"), folder, "always")
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--unixsocketperm"] == "700"
    assert options["--dir"] == str(folder.path)


async def test_a_server_is_found_by_its_folder(folder: Folder, tmp_path: Path) -> None:
    """Not by an id in a file, which may be anybody's; and not that of another folder."""
    assert running_on(folder) == []
    process = started(folder)
    try:
        await up(folder)
        (found,) = running_on(folder)
        assert found.pid == process.pid
        assert found.cmdline() == command(binary(), folder, "no")
        assert running_on(Folder(tmp_path / "other")) == []
        assert await answers(folder.socket, 5.0)
    finally:
        process.kill()
        process.wait(20)
    assert running_on(folder) == []


async def test_one_that_hangs_does_not_answer(folder: Folder) -> None:
    """And yet it can be ended."""
    process = started(folder)
    try:
        await up(folder)
        os.kill(process.pid, signal.SIGSTOP)
        assert not await answers(folder.socket, 0.2)
        assert not await is_up(folder.socket, 0.2)
        watched = psutil.Process(process.pid)
        ending = asyncio.create_task(gone(watched))
        await end(watched)
        await asyncio.wait_for(ending, 20)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait(20)


async def test_nobody_answers_where_nobody_is(folder: Folder) -> None:
    """A socket that isn't there, or that has no server behind it."""
    assert not await answers(folder.socket, 1.0)
    assert not await is_up(folder.socket, 1.0)
