"""Run the tests, on modules that are compiled once; those that fail beside others run once more, alone.

The tests start hundreds of hubs, commands and workers. One that finds no bytecode compiles two million
characters before it does anything, so bytecode is written first, also where the environment forbids it.

Many tests start servers, kill them and wait for what follows. Beside others, on a busy machine, one of thousands may
not get its turn in time. So a failure counts when it comes again with the machine to itself. Both runs print what
failed.
"""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_COMPILED = ("agents", "benchmarks", "channels", "clients/python/src", "hub", "integrations")
"""Folders with what tests start. What tests themselves consist of, pytest compiles in its own way."""

_FAILED = 1
"""pytest's exit code for tests that failed; the others mean that it couldn't run them."""

_MOST = 10
"""Failures that are looked at again. More are no accident."""


def main(arguments: Sequence[str]) -> int:
    """Run pytest with these arguments, and return its exit code."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for folder in _COMPILED:
        compileall.compile_dir(folder, quiet=2, workers=0)
    with tempfile.TemporaryDirectory() as cache:
        code = _pytest(cache, *arguments)
        failed = _failed(Path(cache))
        if code != _FAILED or not 0 < len(failed) <= _MOST:
            return code
        print(f"\n{len(failed)} failed beside others, and run once more, alone:", *failed, sep="\n  ", flush=True)
        return _pytest(cache, *arguments, "--numprocesses=0", "--last-failed", "--last-failed-no-failures=none")


def _pytest(cache: str, *arguments: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", *arguments], check=False
    ).returncode


def _failed(cache: Path) -> list[str]:
    try:
        return sorted(json.loads((cache / "v/cache/lastfailed").read_bytes()))
    except FileNotFoundError:
        return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
