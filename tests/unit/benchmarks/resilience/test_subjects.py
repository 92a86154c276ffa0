"""Real servers under jitter, small and short."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from benchmarks.processes import Failed
from benchmarks.resilience import jitter, subjects
from benchmarks.resilience.hubs import BROKER
from benchmarks.workshop import Absent, Workshop
from tests.needs import is_absent

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the benchmarks run on Linux only")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jitter, "SPREAD_SECONDS", 0.2)
    monkeypatch.setattr(jitter, "REPEAT_SECONDS", 0.1)


async def test_a_killed_worker_drops_its_clients_and_nothing_is_lost(tmp_path: Path) -> None:
    """Twenty clients: that none of them is with the first of two workers happens once in a million runs."""
    said: list[str] = []
    run = await subjects.tocsin("worker killed", 20, 10, 3, tmp_path, said.append)
    assert run.whole
    assert 0 < run.drops <= 20
    assert run.subject == "Tocsin, worker killed"
    assert any("(hub.workers), one of 2" in line for line in said)


async def test_a_killed_broker_drops_nobody_and_nothing_is_lost(tmp_path: Path) -> None:
    """Clients stay connected; the spool and the reader bring it all."""
    run = await subjects.tocsin("broker killed", 5, 10, 3, tmp_path, lambda _: None)
    assert run.whole
    assert run.drops == 0


async def test_a_worker_without_clients_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing was measured by killing it. Here the broker is killed in its stead."""
    monkeypatch.setitem(subjects.FAULTS, "worker killed", BROKER)
    with pytest.raises(Failed, match="served nobody"):
        await subjects.tocsin("worker killed", 2, 10, 1, tmp_path, lambda _: None)


async def test_socket_io_runs_beside_it(tmp_path: Path) -> None:
    """In this time nobody comes and goes."""
    try:
        run = await subjects.socket_io("as it comes", 5, 10, 1, Workshop(tmp_path, print), lambda _: None)
    except Absent as reason:
        is_absent("Socket.IO on Node", str(reason))
    assert run.whole
    assert run.subject.startswith("Socket.IO 4.")
