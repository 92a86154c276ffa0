"""A worker process, seen from the hub."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from integrations.rag_trainer.child import Child, Gone, start
from integrations.rag_trainer.work_messages import Order
from tests.rag_jobs import options_in


async def test_it_speaks_in_lines(tmp_path: Path) -> None:
    """What is no message is left out; it gets no options of the hub from the environment."""
    os.environ["TOCSIN_SECRET__FOR_TEST"] = "hidden"
    try:
        script = (
            'import os, sys; sys.stdin.readline(); print(\'noise\'); print(\'{"kind": "ready", "n": \''
            " + str(sum(k.startswith('TOCSIN_') for k in os.environ)) + '}', flush=True); sys.exit(5)"
        )
        child = await start((sys.executable, "-c", script))
    finally:
        del os.environ["TOCSIN_SECRET__FOR_TEST"]
    await child.order(Order(task="answer", options=options_in(tmp_path, "/")))
    assert [message async for message in child.messages()] == [{"kind": "ready", "n": 0}]
    await child.wait(5)
    assert child.code == 5
    await child.end()
    assert child.epitaph() == "exit code 5"


async def test_its_last_words_are_kept() -> None:
    """The last line of standard error, with the signal or the exit code."""
    child = await start((sys.executable, "-c", "import sys; print('one', file=sys.stderr); sys.exit('two')"))
    assert [message async for message in child.messages()] == []
    await child.wait(5)
    await child.end()
    assert child.epitaph() == "exit code 1: two"


async def test_it_is_killed_with_its_children() -> None:
    """All of its group, and writing to it says so."""
    child = await start((sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '1000'])"))
    child.kill()
    await child.end()
    assert child.epitaph() == "signal SIGKILL"
    child.tell_soon("cancel")
    with pytest.raises(Gone, match="SIGKILL"):
        await _tell_often(child)


async def _tell_often(child: Child) -> None:
    for _ in range(100):
        await child.tell("cancel")


async def test_what_cannot_be_started_says_so() -> None:
    """At once."""
    with pytest.raises(OSError, match="No such file"):
        await start(("/nowhere/python",))


async def test_its_memory_is_seen_while_it_runs() -> None:
    """In bytes; none of one that has ended."""
    child = await start(
        (sys.executable, "-c", "x = b'x' * (64 << 20); print('{\"kind\": \"big\"}', flush=True); input()")
    )
    async for message in child.messages():
        assert message == {"kind": "big"}
        assert 64 << 20 < child.memory() < 1 << 30
        child.kill()
    await child.end()
    assert child.memory() == 0


async def test_only_the_last_of_its_words_are_kept() -> None:
    """A library that warns of every object of a document fills no memory."""
    script = "import sys; [print('warning', n, file=sys.stderr) for n in range(10_000)]"
    child = await start((sys.executable, "-c", script))
    assert [message async for message in child.messages()] == []
    await child.wait(5)
    await child.end()
    assert child.words()[-1] == "warning 9999"
    assert 100 < len(child.words()) < 1000
