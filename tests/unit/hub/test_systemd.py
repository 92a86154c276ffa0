"""Telling the service manager how far the hub is."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from hub import systemd


def test_the_manager_is_told(tmp_path: Path) -> None:
    """By the socket that it names."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        assert systemd.tell(systemd.READY, {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert manager.recv(100) == b"READY=1"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has sockets without a file")
def test_a_socket_without_a_file() -> None:
    """Begins with @ in the variable."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0tocsin-test-of-systemd")
        manager.settimeout(5)
        assert systemd.tell(systemd.STOPPING, {"NOTIFY_SOCKET": "@tocsin-test-of-systemd"})
        assert manager.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "relative"}])
def test_without_a_manager_nothing_happens(environment: dict[str, str]) -> None:
    """Which is how most hubs run."""
    assert not systemd.tell(systemd.READY, environment)


def test_a_manager_that_does_not_listen_is_no_error(tmp_path: Path) -> None:
    """The hub serves all the same."""
    assert not systemd.tell(systemd.READY, {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
