"""One writer per library."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from integrations.rag_trainer.lock import Locked, WriterLock

_HOLD = """
import sys
from pathlib import Path
from integrations.rag_trainer.lock import WriterLock
with WriterLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    """It is told which process has the library. A killed holder leaves nothing to clean up."""
    library = tmp_path / "new" / "library.sqlite"
    command = [sys.executable, "-c", _HOLD, str(library)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Locked, match=rf"library.sqlite: another trainer .*process {holder.pid}\); wait"):
            WriterLock(library).__enter__()
        holder.send_signal(signal.SIGKILL)
    with WriterLock(library):
        assert (tmp_path / "new" / "library.sqlite.lock").read_text() == f"{os.getpid()}\n"


def test_two_trainers_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    """And after one has let go, the other may have it."""
    library = tmp_path / "library.sqlite"
    first, second = WriterLock(library), WriterLock(library)
    with first, pytest.raises(Locked):
        second.__enter__()
    with second:
        pass


def test_a_refused_one_lets_go_of_nothing(tmp_path: Path) -> None:
    """Leaving a lock that was never had changes nothing for its holder."""
    library = tmp_path / "library.sqlite"
    with WriterLock(library):
        refused = WriterLock(library)
        with pytest.raises(Locked):
            refused.__enter__()
        refused.__exit__(None, None, None)
        with pytest.raises(Locked):
            WriterLock(library).__enter__()
