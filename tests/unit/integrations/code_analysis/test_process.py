"""Processes with bounds."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

import pytest

from integrations.code_analysis.process import Bounds, Done, ProcessFailed, run
from tests.live import until

SHELL = "/bin/sh"


async def python(code: str, folder: Path, bounds: Bounds | None = None, stdin: bytes | None = None) -> Done:
    return await run([sys.executable, "-I", "-c", code], cwd=folder, bounds=bounds or Bounds(), stdin=stdin)


async def test_a_process_gives_its_output(tmp_path: Path) -> None:
    """Code, output and errors."""
    done = await python("import sys; print('out'); sys.stderr.write('a\\nworse\\n'); sys.exit(3)", tmp_path)
    assert (done.code, done.output) == (3, b"out\n")
    assert done.complaint() == "exit code 3: worse"


async def test_a_process_reads_what_it_is_given(tmp_path: Path) -> None:
    """And otherwise nothing; one that doesn't read is no fault."""
    assert (
        await python("import sys; print(len(sys.stdin.read()))", tmp_path, stdin=b"x" * 200_000)
    ).output == b"200000\n"
    assert (await python("import sys; print(len(sys.stdin.read()))", tmp_path)).output == b"0\n"
    assert (await python("print(1)", tmp_path, stdin=b"x" * 2_000_000)).output == b"1\n"


async def test_the_environment_is_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token of ours, no PYTHONPATH; HOME is where it works."""
    monkeypatch.setenv("TOCSIN_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", "/evil")
    done = await python("import os; print(os.environ['HOME']); print(sorted(os.environ))", tmp_path)
    home, names = done.output.decode().splitlines()
    assert home == str(tmp_path)
    assert "TOKEN" not in names
    assert "PYTHONPATH" not in names


async def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    """What looks like a command is text."""
    code = "import sys; print(sys.argv[1])"
    words = "$(touch evil); `touch evil` | touch evil"
    done = await run([sys.executable, "-I", "-c", code, words], cwd=tmp_path, bounds=Bounds())
    assert done.output.decode().strip() == words
    assert os.listdir(tmp_path) == []


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(ProcessFailed, match=r"nope can't be started"):
        await run(["/nonexistent/nope"], cwd=tmp_path, bounds=Bounds())


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def _children(tmp_path: Path, *, bounds: Bounds) -> asyncio.Task[Done]:
    """Run a process with a child of its own that writes down both."""
    script = f"sleep 60 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/parent; wait"
    task = asyncio.create_task(run([SHELL, "-c", script], cwd=tmp_path, bounds=bounds))
    await until(lambda: (tmp_path / "parent").exists() and (tmp_path / "parent").read_text().endswith("\n"))
    return task


def _pids(tmp_path: Path) -> list[int]:
    return [int((tmp_path / name).read_text()) for name in ("child", "parent")]


async def test_time_ends_the_whole_group(tmp_path: Path) -> None:
    """Also what a process has started."""
    task = await _children(tmp_path, bounds=Bounds(seconds=0.5))
    with pytest.raises(ProcessFailed, match=r"sh took longer than 0.5 s"):
        await task
    await until(lambda: not any(map(_is_alive, _pids(tmp_path))))


async def test_cancelling_ends_the_whole_group(tmp_path: Path) -> None:
    """Before the cancelled task goes on."""
    task = await _children(tmp_path, bounds=Bounds())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not any(map(_is_alive, _pids(tmp_path))))


async def test_what_is_left_behind_is_ended(tmp_path: Path) -> None:
    """A child that outlives its parent."""
    script = "sleep 60 >/dev/null 2>&1 & echo $!"
    done = await run([SHELL, "-c", script], cwd=tmp_path, bounds=Bounds())
    await until(lambda: not _is_alive(int(done.output)))


async def test_output_is_bounded(tmp_path: Path) -> None:
    """Whoever prints without end is ended; so are its errors cut."""
    with pytest.raises(ProcessFailed, match="printed more than 5000 bytes"):
        await python("while True: print('x' * 1000)", tmp_path, Bounds(output=5000))
    done = await python("import sys; sys.stderr.write('x' * 1_000_000)", tmp_path)
    assert len(done.errors) == 1 << 16


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds another process's memory")
async def test_memory_is_bounded(tmp_path: Path) -> None:
    """A process that asks for more gets an error, and not the machine's memory."""
    code = "import sys; sys.stdin.read(); print(len(bytearray(900_000_000)))"
    done = await python(code, tmp_path, Bounds(memory=500_000_000), stdin=b"go")
    assert done.code == 1
    assert "MemoryError" in done.complaint()


async def test_nothing_is_left_open(tmp_path: Path) -> None:
    """No descriptor stays behind, however a process ends."""
    await python("print(1)", tmp_path)
    before = len(os.listdir("/dev/fd"))
    for _ in range(3):
        await python("print(1)", tmp_path)
        with pytest.raises(ProcessFailed):
            await python("print('x' * 100_000)", tmp_path, Bounds(output=10))
    assert len(os.listdir("/dev/fd")) <= before


async def test_cancelling_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    """In whichever turn of the loop that comes, with a child that keeps the pipes open."""
    for turns in range(25):
        pid = tmp_path / f"pid-{turns}"
        script = f"sleep 60 & echo $! > {pid}; wait"
        task = asyncio.create_task(run([SHELL, "-c", script], cwd=tmp_path, bounds=Bounds()))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(15):
                await task
        started = [int(text) for text in _texts(pid) if text.strip()]
        await until(partial(_are_gone, started))


def _are_gone(pids: list[int]) -> bool:
    return not any(map(_is_alive, pids))


def _texts(file: Path) -> list[str]:
    return [file.read_text()] if file.exists() else []
