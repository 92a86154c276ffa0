"""Whom PostgreSQL runs as: never root, and nobody whom others are, too."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

import pytest

from hub.database.owner import NUMBERS, Owner, free, named, our_name, owner_of
from hub.embedded.folder import StoreFailed

OTHER = Owner(61_170)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run something as somebody else")


def unknown(user: object) -> object:
    raise KeyError(user)


def test_a_number_that_nobody_has() -> None:
    """The first one that is left."""
    assert free([]) == NUMBERS.start
    assert free([0, NUMBERS.start]) == NUMBERS.start + 1


def test_all_numbers_are_taken() -> None:
    """It says what to do instead."""
    with pytest.raises(StoreFailed, match=r"refuses to run as root.*run the hub as a user of its own"):
        free(NUMBERS)


def test_who_isn_t_root_runs_it_himself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is given away then, and everything that we can pass it can."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    owner = owner_of(tmp_path)
    assert owner.number is None
    assert owner.spawning() == {}
    assert owner.barrier(tmp_path) is None
    assert owner.may_read(tmp_path)
    owner.take(tmp_path)


@as_root
def test_root_has_it_run_by_who_has_the_data(tmp_path: Path) -> None:
    """Or by a user without a name, when there is none yet."""
    assert owner_of(tmp_path / "data").number in NUMBERS
    OTHER.take(tmp_path)
    assert owner_of(tmp_path) == OTHER


def test_a_process_of_that_user_has_no_further_groups() -> None:
    """Otherwise it had root's."""
    assert OTHER.spawning() == {"user": 61_170, "group": 61_170, "extra_groups": []}
    assert OTHER.spawning(5)["user"] == 5


@as_root
@pytest.mark.parametrize(
    ("mode", "user", "group", "passes"),
    [
        (0o711, 0, 0, True),
        (0o700, 0, 0, False),
        (0o710, 0, 61_170, True),
        (0o701, 0, 61_170, False),
        (0o700, 61_170, 0, True),
        (0o011, 61_170, 0, False),
    ],
)
def test_what_it_can_pass(tmp_path: Path, mode: int, user: int, group: int, passes: bool) -> None:
    """As the kernel decides: the first of owner, group and others that fits."""
    folder = tmp_path / "folder"
    folder.mkdir()
    os.chown(folder, user, group)
    folder.chmod(mode)
    assert OTHER.may_pass(folder) is passes


@as_root
def test_what_is_in_its_way(tmp_path: Path) -> None:
    """The outermost folder that it can't pass."""
    closed = tmp_path / "closed"
    inner = closed / "inner"
    inner.mkdir(parents=True)
    for folder in (tmp_path, *tmp_path.parents):
        if not stat.S_IMODE(folder.stat().st_mode) & stat.S_IXOTH:
            assert OTHER.barrier(inner / "data") is not None
            break
    barrier = OTHER.barrier(inner / "data")
    assert barrier is None or not OTHER.may_pass(barrier)
    closed.chmod(0o700)
    assert OTHER.barrier(inner / "data") in (closed, *closed.parents)


@as_root
def test_a_tree_is_given_as_a_whole(tmp_path: Path) -> None:
    """But what a link points to isn't."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("")
    (tmp_path / "a" / "link").symlink_to("/etc/passwd")
    OTHER.take(tmp_path)
    assert {path.lstat().st_uid for path in (tmp_path, *tmp_path.rglob("*"))} == {61_170}
    assert Path("/etc/passwd").stat().st_uid == 0


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """As containers have them: PostgreSQL can't know who we are."""
    assert our_name()
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(StoreFailed, match=r"wants to know the name of user .*set database\.url"):
        our_name()


def test_a_machine_without_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Can't make a database as root."""
    assert named() != 0
    monkeypatch.setattr(pwd, "getpwnam", unknown)
    with pytest.raises(StoreFailed, match="without the user `nobody`"):
        named()
