"""The command of a worker."""

from __future__ import annotations

import subprocess
import sys

from integrations.rag_trainer.child import WORKER
from tests.architecture.tree import ROOT


def test_it_ends_when_there_is_nobody() -> None:
    """Without an order there is nothing to do; nothing is printed that is no message."""
    assert (sys.executable, "-P", "-m", "integrations.rag_trainer.worker") == WORKER
    done = subprocess.run(
        WORKER,
        cwd="/",
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
