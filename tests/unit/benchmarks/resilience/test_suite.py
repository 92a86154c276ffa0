"""Options, and what is kept of the scenarios."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.processes import Failed
from benchmarks.resilience import suite as module
from benchmarks.resilience.suite import Suite, parse
from benchmarks.workshop import Absent
from tests.unit.benchmarks.resilience.samples import fall, run

ROOT = Path(__file__).parents[4]


def test_defaults_are_the_published_shape() -> None:
    """120 messages, 2 a second."""
    options = parse([])
    assert (options.rate, options.seconds) == (2.0, 60.0)
    assert options.only == module.SCENARIOS
    assert options.faults == ("calm", "worker killed", "broker killed")
    assert options.peers


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--only", "bells"], "expected some of publishing"),
        (["--faults", "calm,flood"], "expected some of calm"),
        (["--clients", "0"], "at least 1"),
        (["--crowd", "many"], "at least 1"),
        (["--seconds", "-1"], "above 0"),
        (["--publishes", "10"], "at least 1000"),
    ],
)
def test_wrong_options_are_named(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(arguments)
    assert complaint in capsys.readouterr().err


def _suite(tmp_path: Path, *arguments: str) -> tuple[Suite, list[str]]:
    said: list[str] = []
    return Suite(parse(arguments), tmp_path, said.append), said


async def test_what_was_measured_before_a_failure_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tocsin(fault: str, *_: object) -> object:
        if fault == "broker killed":
            raise Failed("no bell")
        return run(f"Tocsin, {fault}")

    monkeypatch.setattr("benchmarks.resilience.subjects.tocsin", tocsin)
    suite, said = _suite(tmp_path, "--only", "jitter")
    with pytest.raises(Failed, match="no bell"):
        await suite.run()
    assert [each["subject"] for each in suite.as_json()["jitter"]] == ["Tocsin, calm", "Tocsin, worker killed"]
    assert "Tocsin, calm" in suite.drawn()
    assert said == [f"jitter: Tocsin, {fault}" for fault in ("calm", "worker killed", "broker killed")]


async def test_without_node_the_peers_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def tocsin(fault: str, *_: object) -> object:
        return run(f"Tocsin, {fault}")

    async def socket_io(*_: object) -> object:
        raise Absent("no node on PATH")

    monkeypatch.setattr("benchmarks.resilience.subjects.tocsin", tocsin)
    monkeypatch.setattr("benchmarks.resilience.subjects.socket_io", socket_io)
    suite, said = _suite(tmp_path, "--only", "jitter", "--faults", "calm")
    await suite.run()
    assert said[-1] == "  not here: no node on PATH"
    assert suite.whole
    assert "Tocsin, calm, 1500 clients" in capsys.readouterr().out


def test_a_loss_of_ours_is_a_failure_and_a_loss_of_a_peer_is_a_figure(tmp_path: Path) -> None:
    suite, _ = _suite(tmp_path)
    verdicts = [suite.whole]
    for each in (run(), run("Socket.IO 4", delivered=1), run("Tocsin, worker killed", delivered=179_999)):
        suite.jitter.append(each)
        verdicts.append(suite.whole)
    assert verdicts == [False, True, True, False]


async def test_an_avalanche_that_lost_something_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def measure(*_: object) -> object:
        return fall(lost=1)

    monkeypatch.setattr("benchmarks.resilience.avalanche.measure", measure)
    suite, _ = _suite(tmp_path, "--only", "avalanche")
    await suite.run()
    assert not suite.whole
    assert suite.as_json()["avalanche"]["lost"] == 1


@pytest.fixture
def folder() -> Iterator[Path]:
    """A path that is short enough for a Unix socket far below it."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as path:
        yield Path(path)


@pytest.mark.skipif(platform.system() != "Linux", reason="the benchmarks run on Linux only")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_everything_that_was_started(number: signal.Signals, code: int, folder: Path) -> None:
    """The hub, its workers and its Valkey are known by the folder that they were given."""
    command = [sys.executable, "-m", "benchmarks.resilience", "--only", "jitter", "--clients", "5", "--no-peers"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "TMPDIR": str(folder)}, stdout=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while b"valkey-server" not in _environs(folder):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == code
    assert b"everything that was started has ended" in said
    assert _environs(folder) == b""
    assert list(folder.iterdir()) == []


def _environs(folder: Path) -> bytes:
    """Command lines of the hub's processes: those with the folder in their environment."""
    mark = b"XDG_STATE_HOME=%b/" % str(folder).encode()
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and mark in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes())
        except OSError:
            continue
    return b"\n".join(found)
