"""The act of the error firewall: a program is compiled that can't be, by a real compiler, and then not any more.

Each round: the compiler fails and its error is recorded; the next attempt is warned about, and fails again; somebody
(the demo) confirms the solution; from then on the attempt is blocked before it runs, and the solution passes.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from channels.push import Push
from hub.demo.stage import Stage
from integrations.db_pool import DynamicPool, PoolOptions
from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.guard import Blocked
from integrations.error_firewall.model import Solution
from integrations.error_firewall.postgres import PostgresStore

OPERATION: Final = "compile_module"
_PAUSE: Final = 3.0
"""Seconds between two attempts."""
_FAULTS: Final = ("def total(prices)\n    return sum(prices)\n", "for price in (1, 2):\nprint(price)\n", "x = (1,\n")
"""Programs with a fault: a missing colon, a missing indentation, an open bracket."""
_SOUND: Final = "def total(prices):\n    return sum(prices)\n"


class CompileFailed(Exception):
    """The compiler didn't take a program; the text is its own last line."""


async def compile_module(file: Path) -> None:
    """Compile a program by Python's own compiler, in a process of its own.

    Raises:
        CompileFailed: it has a fault.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "py_compile", str(file)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines()
        raise CompileFailed(lines[-1] if lines else f"exit code {process.returncode}")


async def play(stage: Stage) -> None:
    """Compile, until cancelled."""
    async with DynamicPool(stage.dsn, PoolOptions(name="demo-firewall", minimum=1, maximum=3), None) as pool:
        store = PostgresStore(pool)
        firewall = ErrorFirewall(store, Push(stage.publish))
        running = asyncio.create_task(firewall.run(), name="demo firewall")
        try:
            for number in itertools.count(1):
                await _round(stage, firewall, number)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            store.listening.close()


async def _round(stage: Stage, firewall: ErrorFirewall, number: int) -> None:
    tell = stage.telling("error firewall")
    folder = stage.folder / "programs"
    faulty, sound = folder / f"draft_{number}.py", folder / f"fixed_{number}.py"
    await asyncio.to_thread(_write, faulty, _FAULTS[number % len(_FAULTS)])
    await asyncio.to_thread(_write, sound, _SOUND)
    for _ in range(2):
        with suppress(CompileFailed, Blocked):
            await _attempt(firewall, faulty)
        tell(f"the compiler refuses {faulty.name}, which is recorded")
        await asyncio.sleep(_PAUSE * stage.pace)
    verdict = await firewall.check_async(OPERATION, {"module": faulty.name})
    if verdict.match is not None:
        solution = Solution(f"compile {sound.name}", {"module": sound.name})
        await firewall.confirm(verdict.match.entry_id, by="demo", reason="compiled in its place", solution=solution)
        tell(f"confirmed: {sound.name} in place of {faulty.name}")
    try:
        await _attempt(firewall, faulty)
    except Blocked as error:
        tell(f"blocked before it ran: {faulty.name}")
        stage.notebook.note(f"build {number}", f"{faulty.name} is not compiled any more: {error.verdict.why}")
    except CompileFailed:
        tell(f"{faulty.name} was not blocked")
    await asyncio.sleep(_PAUSE * stage.pace)
    await _attempt(firewall, sound)
    tell(f"passed: {sound.name}")
    await asyncio.sleep(_PAUSE * stage.pace)


async def _attempt(firewall: ErrorFirewall, file: Path) -> None:
    async with firewall.guarded(OPERATION, {"module": file.name}):
        await compile_module(file)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
