"""The embedded graph store; what all stores promise stands in tests/contract/test_graph_store.py."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from integrations.rag_trainer.graphs.embedded import EmbeddedGraphStore
from integrations.rag_trainer.results import Markup, Sequences, Work

WRITER = """
import sys
from integrations.rag_trainer.graphs.embedded import EmbeddedGraphStore
from integrations.rag_trainer.results import Markup, Sequences, Work
works = tuple(Work(id=f"w{n}", name=f"new {n} " + "x" * 150, start=0, end=1) for n in range(60_000))
markup = Markup(log="", works=works, dependencies=(), entities=(), mermaid="")
store = EmbeddedGraphStore(sys.argv[1])
print("ready", flush=True)
store.replace("a", Sequences(log="new", sequences=()), markup)
print("done", flush=True)
"""


def graph(log: str) -> tuple[Sequences, Markup]:
    works = (Work(id="w1", name="old", start=0, end=1),)
    return Sequences(log=log, sequences=()), Markup(log="", works=works, dependencies=(), entities=(), mermaid="")


def state(file: Path) -> tuple[str, int]:
    """The document's log and how many works it has, after checking the file."""
    store = EmbeddedGraphStore(file)
    found = store.sequences("a")
    store.close()
    connection = sqlite3.connect(file)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert found is not None
        return found.log, connection.execute("SELECT count(*) FROM works").fetchone()[0]
    finally:
        connection.close()


@pytest.mark.parametrize("written", [200_000, 5_000_000], ids=["early", "late"])
def test_a_kill_in_the_middle_of_a_write_leaves_the_old_graph(tmp_path: Path, written: int) -> None:
    """SIGKILL while the transaction is being written to the disk: nothing of the new graph is there."""
    file = tmp_path / "graph.sqlite3"
    store = EmbeddedGraphStore(file)
    store.replace("a", *graph("old"))
    store.close()
    log = tmp_path / "graph.sqlite3-wal"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        deadline = time.monotonic() + 40
        while not (log.exists() and log.stat().st_size > written) and writer.poll() is None:
            assert time.monotonic() < deadline
        os.kill(writer.pid, signal.SIGKILL)
        rest = writer.stdout.read()
    assert log.stat().st_size > written
    assert rest == ""  # it was in the middle
    assert state(file) == ("old", 1)


def test_a_kill_after_a_write_leaves_the_new_graph(tmp_path: Path) -> None:
    """What `replace` returned from is on the disk."""
    file = tmp_path / "graph.sqlite3"
    with subprocess.Popen(
        [sys.executable, "-c", f"{WRITER}input()", str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert [writer.stdout.readline() for _ in range(2)] == ["ready\n", "done\n"]
        os.kill(writer.pid, signal.SIGKILL)
    assert state(file) == ("new", 60_000)


def test_a_file_that_is_something_else_is_refused_and_kept(tmp_path: Path) -> None:
    """With its place and what to do."""
    file = tmp_path / "graph.sqlite3"
    file.write_bytes(b"my thesis, not a database " * 100)
    with pytest.raises(ValueError, match=r"expected a SQLite database at .*graph.sqlite3.*move it away"):
        EmbeddedGraphStore(file)
    assert file.read_bytes().startswith(b"my thesis")


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    """It isn't read as if it were ours."""
    file = tmp_path / "graph.sqlite3"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(ValueError, match=r"expected version 1 .* got 9"):
        EmbeddedGraphStore(file)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """A writer that holds the file too long: an error, the old graph, and the store goes on."""
    file = tmp_path / "graph.sqlite3"
    store = EmbeddedGraphStore(file, busy=0.05)
    store.replace("a", *graph("old"))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        store.replace("a", *graph("new"))
    other.execute("ROLLBACK")
    other.close()
    assert store.sequences("a") == graph("old")[0]
    assert store.replace("a", *graph("new")) == 1
    store.close()
