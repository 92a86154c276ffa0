"""Processes: their core, their cost and their end."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.processes import (
    Command,
    Cores,
    Failed,
    Server,
    cpu_seconds,
    free_port,
    let_go,
    pinned,
    rss_bytes,
    tree,
)

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the benchmarks run on Linux only")

_LISTEN = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"


def _python(code: str, *arguments: str) -> Command:
    return Command([sys.executable, "-c", code, *arguments])


def test_cores_are_two_where_there_are_two() -> None:
    cores = Cores.choose()
    assert cores.separate == (len(os.sched_getaffinity(0)) > 1)


def test_pinned_holds_for_what_is_started_meanwhile_only() -> None:
    before = os.sched_getaffinity(0)
    core = min(before)
    with pinned(core):
        code = "import os; print(sorted(os.sched_getaffinity(0)))"
        seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert seen.strip() == f"[{core}]"
    assert os.sched_getaffinity(0) == before


def test_cpu_seconds_agree_with_the_process_about_its_own_time() -> None:
    before = cpu_seconds(os.getpid())
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    assert cpu_seconds(os.getpid()) - before >= 0.04


def test_memory_and_cpu_of_a_process_that_is_gone_are_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert (cpu_seconds(child.pid), rss_bytes(child.pid)) == (0.0, 0)


def test_a_server_is_ready_when_it_listens_and_gone_after_stop(tmp_path: Path) -> None:
    port = free_port()
    server = Server(_python(_LISTEN, str(port)), port, tmp_path / "log", min(os.sched_getaffinity(0)))
    try:
        server.wait_ready([port])
        assert server.pid in tree(os.getpid())
        assert rss_bytes(server.pid) > 1_000_000
    finally:
        server.stop()
    assert server.pid not in tree(os.getpid())


def test_a_connection_closed_on_an_unread_client_is_let_go() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server, _ = listener.accept()
            assert let_go(port) == 0
            server.setblocking(False)
            try:
                while True:
                    server.send(bytes(65536))
            except BlockingIOError:
                server.close()
            assert let_go(port) == 1


def test_a_server_that_ends_at_its_start_is_quoted(tmp_path: Path) -> None:
    port = free_port()
    command = _python("import sys; sys.exit('no such bell')")
    server = Server(command, port, tmp_path / "log", min(os.sched_getaffinity(0)))
    try:
        with pytest.raises(Failed, match="code 1: no such bell"):
            server.wait_ready([port])
    finally:
        server.stop()


def test_options_of_the_caller_do_not_reach_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_SERVER__PORT", "1")
    code = "import os, sys; sys.exit(f\"{os.environ.get('TOCSIN_SERVER__PORT')} {os.environ['BELL']} {os.getcwd()}\")"
    command = Command([sys.executable, "-c", code], {"BELL": "loud"})
    server = Server(command, 1, tmp_path / "log", min(os.sched_getaffinity(0)))
    try:
        with pytest.raises(Failed, match=f"code 1: None loud {tmp_path}"):
            server.wait_ready([free_port()])
    finally:
        server.stop()


def test_a_program_that_is_not_there_fails_with_its_name(tmp_path: Path) -> None:
    missing = tmp_path / "absent"
    with pytest.raises(Failed, match="absent can't be started"):
        Server(Command([str(missing)]), 1, tmp_path / "log", min(os.sched_getaffinity(0)))
