"""A worker must not outlive its supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.architecture.tree import ROOT

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")

_CHILD = """
import os, signal, sys, time
from hub.workers import parent
signal.signal(parent.DEATH, lambda *_: sys.exit(7))
print(parent.follow(int(sys.argv[1])), flush=True)
parent.name("tocsin-w1")
open(sys.argv[2], "w").write(str(os.getpid()))
time.sleep(60)
"""

_PARENT = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid()), sys.argv[2]])
time.sleep(60)
"""


def wait_for(file: Path) -> str:
    until = time.monotonic() + 20
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return file.read_text()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@LINUX
def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    """However the parent ended; and it has a name of its own."""
    file = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", _PARENT, _CHILD, str(file)], cwd=ROOT) as running:
        child = int(wait_for(file))
        try:
            assert psutil.Process(child).name() == "tocsin-w1"
            running.send_signal(signal.SIGKILL)
            until = time.monotonic() + 20
            while not gone(child):
                assert time.monotonic() < until, "the child is still there"
                time.sleep(0.01)
        finally:
            running.kill()
            if not gone(child):
                os.kill(child, signal.SIGKILL)


def test_a_parent_that_is_gone_already_is_noticed(tmp_path: Path) -> None:
    """It may die between starting a child and the child's asking to be told."""
    command = [sys.executable, "-c", _CHILD, "1" if os.getpid() != 1 else "2", str(tmp_path / "pid")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "False\n"
        finally:
            running.kill()
