"""Real hubs: what is killed is gone, comes back, and nothing stays behind."""

from __future__ import annotations

import os
import platform
import signal
import socket
import sys
from functools import partial
from pathlib import Path

import pytest

from benchmarks.processes import Command, Failed, tree
from benchmarks.resilience.hubs import BACK, BROKER, WORKER, Hub, Valkey, stopping, until

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the benchmarks run on Linux only")


def _on(folder: Path) -> list[str]:
    """Processes with a folder on their command lines or in their environments."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in text:
                found.append(entry.name)
    return found


def test_what_is_killed_is_replaced_and_nothing_stays(tmp_path: Path) -> None:
    """A worker, the broker, and then everything at once."""
    hub = Hub(tmp_path, "hub", workers=2)
    with stopping(hub):
        assert (len(hub.members(WORKER)), len(hub.members(BROKER))) == (2, 1)
        assert _on(tmp_path)
        for word, number in ((WORKER, 2), (BROKER, 1)):
            killed = hub.kill(word)
            until(partial(hub.replaced, killed, word, number), BACK, word)
        before = {*hub.members(WORKER), *hub.members(BROKER)}
        hub.restart()
        until(lambda: len(hub.members(WORKER)) == 2, BACK, "workers")
        # Also the Valkey: a hub whose supervisor alone is killed would find it alive, which is another experiment.
        assert not before & {*hub.members(WORKER), *hub.members(BROKER)}
        assert len(hub.members(BROKER)) == 1
    assert _on(tmp_path) == []


def test_a_broker_that_a_killed_supervisor_left_is_ended(tmp_path: Path) -> None:
    """It is nobody's child then."""
    hub = Hub(tmp_path, "hub", workers=2)
    supervisor = tree(os.getpid())
    with stopping(hub):
        broker = hub.members(BROKER)[0]
        for pid in supervisor[1:]:
            if pid in tree(os.getpid()) and broker in tree(pid) and pid != broker:
                os.kill(pid, signal.SIGKILL)
        assert _on(tmp_path)
    assert _on(tmp_path) == []


def test_there_must_be_something_to_kill(tmp_path: Path) -> None:
    """A fault that isn't one would make a figure that is none."""
    hub = Hub(tmp_path, "hub")
    with stopping(hub), pytest.raises(Failed, match="no valkey-server to kill"):
        hub.kill(BROKER)


def test_a_hub_that_does_not_start_says_why_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own last words."""
    code = "import os, sys, time; print('no such bell', flush=True); sys.exit(os.environ['XDG_STATE_HOME'] == '')"
    monkeypatch.setattr("benchmarks.resilience.hubs.Command", lambda _, env: Command([sys.executable, "-c", code], env))
    with pytest.raises(Failed, match="no such bell"):
        Hub(tmp_path, "hub")
    assert _on(tmp_path) == []


def test_a_valkey_answers_and_ends(tmp_path: Path) -> None:
    """On its own port."""
    valkey = Valkey(tmp_path)
    with stopping(valkey), socket.create_connection(("127.0.0.1", valkey.port), 5) as link:
        link.sendall(b"PING\r\n")
        assert link.recv(100) == b"+PONG\r\n"
    assert _on(tmp_path) == []


def test_a_valkey_that_cannot_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here since another program has its port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("benchmarks.resilience.hubs.free_port", lambda: port)
        monkeypatch.setattr(Valkey, "_accepts", lambda _: False)
        with pytest.raises(Failed, match="ended at its start"):
            Valkey(tmp_path)
    assert _on(tmp_path) == []


def test_waiting_ends_with_a_complaint() -> None:
    """And with the seconds."""
    with pytest.raises(Failed, match=r"no bell rings \(0\.05 s\)"):
        until(lambda: False, 0.05, "no bell rings")
