"""The folder of an embedded server: private, and used by one hub at a time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hub.embedded.folder import LOG_MAX, Kind, PrivateFolder, StoreFailed, state_folder
from tests.architecture.tree import ROOT

_OTHER = """
import sys
from pathlib import Path
from hub.embedded.folder import Kind, PrivateFolder
PrivateFolder(Path(sys.argv[1]), Kind("Thing", "thing", "thing.sock", "thing.dir", "")).claim()
print("claimed", flush=True)
sys.stdin.read()
"""


def folder_at(path: Path) -> PrivateFolder:
    return PrivateFolder(path, Kind("Thing", "thing", "thing.sock", "thing.dir", "share it"))


def test_it_is_made_for_us_alone(tmp_path: Path) -> None:
    """With its parents."""
    folder = folder_at(tmp_path / "state" / "thing-8080")
    folder.claim()
    try:
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        assert folder.socket.parent == folder.path
    finally:
        folder.release()


def test_one_hub_at_a_time(tmp_path: Path) -> None:
    """Another one is told who has it; when that is gone, however it went, the folder is free."""
    command = [sys.executable, "-c", _OTHER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "claimed\n"
        folder = folder_at(tmp_path)
        with pytest.raises(StoreFailed, match=rf"is in use by another hub \(process {other.pid}\)"):
            folder.claim()
        other.kill()
        other.wait(20)
        folder.claim()
        folder.release()
    folder.claim()
    folder.release()
    folder.release()


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    """They could put a socket of theirs there. It isn't changed: it may be a folder such as /tmp."""
    tmp_path.chmod(mode)
    with pytest.raises(StoreFailed, match="only this user may write to"):
        folder_at(tmp_path).claim()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == mode
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_is_no_folder(tmp_path: Path) -> None:
    """Is told with the option to change."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailed, match=r"can't be used .*thing\.dir"):
        folder_at(tmp_path / "file" / "thing").claim()


def test_a_path_that_is_too_long_for_a_socket(tmp_path: Path) -> None:
    """Nothing is made then."""
    path = tmp_path / ("x" * 100)
    with pytest.raises(StoreFailed, match="too long for a Unix socket"):
        folder_at(path).claim()
    assert not path.exists()


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    """The one before it goes, so the two are bounded."""
    folder = folder_at(tmp_path)
    folder.log.write_bytes(b"x" * (LOG_MAX + 1))
    folder.claim()
    folder.release()
    assert not folder.log.exists()
    assert (tmp_path / "thing.log.1").stat().st_size == LOG_MAX + 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    """Its owner could look at everything."""
    os.chown(tmp_path, 12345, -1)
    with pytest.raises(StoreFailed, match="only this user may write to"):
        folder_at(tmp_path).claim()


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({}, "/home/me/.local/state/tocsin"),
        ({"XDG_STATE_HOME": "/state"}, "/state/tocsin"),
        ({"XDG_STATE_HOME": "relative"}, "/home/me/.local/state/tocsin"),
        ({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "XDG_STATE_HOME": "/state"}, "/var/lib/a"),
    ],
)
def test_where_a_service_keeps_its_state(environment: dict[str, str], path: str) -> None:
    """systemd's folder, then the user's."""
    assert state_folder(environment, Path("/home/me")) == Path(path)


def test_the_last_words_of_a_server(tmp_path: Path) -> None:
    """Its last three lines; or that there are none."""
    folder = folder_at(tmp_path)
    assert folder.last_words() == "nothing"
    folder.log.write_text("one\n  two\nthree\nfour\n")
    assert folder.last_words() == "two / three / four"
