"""`tocsin bench`."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys

import pytest

from hub.cli import bench
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal


def terminal() -> Terminal:
    return Terminal(io.StringIO(), io.StringIO())


def test_arguments_and_exit_code_are_passed_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmarks have options of their own."""
    calls: list[list[str]] = []

    def call(command: list[str]) -> int:
        calls.append(command)
        return 7

    monkeypatch.setattr(subprocess, "call", call)
    assert bench.run(argparse.Namespace(arguments=["--svg", "x"]), terminal()) == 7
    assert calls == [[sys.executable, "-m", "benchmarks", "--svg", "x"]]


def test_an_installation_without_benchmarks_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are a part of the source tree."""
    monkeypatch.setattr(bench, "PACKAGE", "no_such_benchmarks")
    with pytest.raises(Failure, match="source tree") as caught:
        bench.run(argparse.Namespace(arguments=[]), terminal())
    assert caught.value.code is Exit.FAILURE
