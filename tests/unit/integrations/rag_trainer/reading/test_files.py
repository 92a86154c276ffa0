"""Opening and reading files that may be anything."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.files import opened, read
from integrations.rag_trainer.stage import StageFailed


def _reason(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(StageFailed) as caught:
        read(path, limits or Limits())
    return caught.value.reason


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    """The bytes are those of the file, and its size comes with it."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    assert read(path, Limits(file_bytes=3)) == b"abc"
    with opened(path, Limits()) as (file, size):
        assert (file.read(), size) == (b"abc", 3)


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    """Missing paths, links to nothing, folders, and files used as folders."""
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    assert _reason(tmp_path / "nothing") == "missing"
    assert _reason(tmp_path / "dangling") == "missing"
    assert _reason(tmp_path / "file" / "below") == "missing"
    assert _reason(Path(f"{tmp_path}/a\0b")) == "missing"
    assert _reason(tmp_path / ("n" * 300)) == "unreadable"
    assert _reason(tmp_path) == "directory"


def test_a_symlink_loop_is_named(tmp_path: Path) -> None:
    """Two links that lead to each other."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert _reason(tmp_path / "a") == "symlink_loop"


@pytest.mark.timeout(10)
def test_pipes_sockets_and_devices_are_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A FIFO without a writer would block whoever opens it."""
    os.mkfifo(tmp_path / "pipe")
    assert _reason(tmp_path / "pipe") == "not_a_file"
    assert _reason(Path("/dev/null")) == "not_a_file"
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert _reason(tmp_path / "socket") == "not_a_file"


@pytest.mark.timeout(10)
def test_a_file_that_becomes_a_pipe_meanwhile_is_refused(tmp_path: Path) -> None:
    """What was opened counts, and not what was there before."""
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StageFailed) as caught:
        read(tmp_path / "file", Limits(), lambda _, flags: os.open(tmp_path / "pipe", flags))
    assert caught.value.reason == "not_a_file"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EIO], ids=["access", "permission", "disk"])
def test_what_may_not_be_opened_is_unreadable(tmp_path: Path, number: int) -> None:
    """Also what the disk can't give."""
    (tmp_path / "a").write_bytes(b"x")

    def refuse(path: Path, flags: int) -> int:
        raise OSError(number, os.strerror(number), str(path))

    with pytest.raises(StageFailed) as caught:
        read(tmp_path / "a", Limits(), refuse)
    assert caught.value.reason == "unreadable"


def test_empty_and_huge_files_are_named_without_reading_them(tmp_path: Path) -> None:
    """500 MB that take no room on the disk; the bound is exact."""
    (tmp_path / "empty").write_bytes(b"")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(500 << 20)
    (tmp_path / "four").write_bytes(b"1234")
    assert _reason(tmp_path / "empty") == "empty"
    with pytest.raises(StageFailed, match="524288000") as caught, opened(tmp_path / "huge", Limits()):
        raise AssertionError("it must not come to reading")
    assert caught.value.reason == "too_large"
    assert _reason(tmp_path / "four", Limits(file_bytes=3)) == "too_large"


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    """The bound holds for what is read, not for what the size was."""
    path = tmp_path / "a"
    path.write_bytes(b"123")
    with opened(path, Limits(file_bytes=3)):
        path.write_bytes(b"12345")
    assert _reason(path, Limits(file_bytes=3)) == "too_large"


def test_a_fault_of_the_caller_is_no_fault_of_the_file(tmp_path: Path) -> None:
    """Only what is about the path is renamed."""
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(ValueError, match="mine"), opened(tmp_path / "a", Limits()):
        raise ValueError("mine")
