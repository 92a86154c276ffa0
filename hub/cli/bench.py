"""`tocsin bench`: measure the hub on this machine, by the benchmarks of the source tree."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys

from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal

PACKAGE = "benchmarks"

EXAMPLES = """\
examples:
  tocsin bench --help
  tocsin bench

All arguments go to `python -m benchmarks`, which is a part of the source tree.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what goes to the benchmarks."""
    parser.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="for the benchmarks")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Run the benchmarks in a process of their own; return its exit code."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise Failure(Exit.FAILURE, "benchmarks: not installed; they come with the source tree, so run this there")
    terminal.out.flush()
    return subprocess.call([sys.executable, "-m", PACKAGE, *args.arguments])  # noqa: S603 - the user's own arguments, no shell
