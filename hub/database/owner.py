"""Whom PostgreSQL runs as: as ourselves, or, since it refuses root, as a user that nobody else is.

That user has a number and no name, so nothing of the machine is changed for it. Whoever it must not meet (other
services that run as `nobody`, say) has another number.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from hub.embedded.folder import StoreFailed

NUMBERS = range(61_150, 61_184)
"""User and group ids to choose from: neither distributions nor systemd give them to anybody."""


class Spawning(TypedDict, total=False):
    """Arguments of `asyncio.create_subprocess_exec`."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Owner:
    """A user.

    Attributes:
        number: user and group id; `None`: the user that this process is.
    """

    number: int | None = None

    def spawning(self, user: int | None = None) -> Spawning:
        """Return what makes a subprocess this user's.

        Args:
            user: in place of the user, with this one's group.
        """
        if self.number is None:
            return {}
        return {"user": self.number if user is None else user, "group": self.number, "extra_groups": []}

    def may_pass(self, folder: Path) -> bool:
        """Tell whether it may go through a folder."""
        return self._has(folder, stat.S_IXUSR, stat.S_IXGRP, stat.S_IXOTH)

    def may_read(self, file: Path) -> bool:
        """Tell whether it may read a file."""
        return self._has(file, stat.S_IRUSR, stat.S_IRGRP, stat.S_IROTH)

    def _has(self, path: Path, own: int, group: int, others: int) -> bool:
        if self.number is None:
            return True
        found = path.stat()
        bit = own if found.st_uid == self.number else group if found.st_gid == self.number else others
        return bool(found.st_mode & bit)

    def barrier(self, path: Path) -> Path | None:
        """Return the first folder on the way to `path` that it can't pass."""
        return next((folder for folder in reversed(path.resolve().parents) if not self.may_pass(folder)), None)

    def take(self, tree: Path) -> None:
        """Give it a folder and all that is in it."""
        if self.number is None:
            return
        for top, folders, files in os.walk(tree):
            for name in (*folders, *files):
                os.chown(Path(top) / name, self.number, self.number, follow_symlinks=False)
        os.chown(tree, self.number, self.number)


def owner_of(data: Path) -> Owner:
    """Return who has a data folder, or is to have it."""
    if os.geteuid() != 0:
        return Owner()
    if data.is_dir():
        return Owner(data.stat().st_uid)
    known = {each.pw_uid for each in pwd.getpwall()} | {each.gr_gid for each in grp.getgrall()}
    return Owner(free(known))


def free(known: Iterable[int]) -> int:
    """Return a number that nobody has.

    Raises:
        StoreFailed: all of them are taken.
    """
    left = [number for number in NUMBERS if number not in set(known)]
    if not left:
        raise StoreFailed(
            f"PostgreSQL refuses to run as root, and the user ids {NUMBERS.start} to {NUMBERS.stop - 1} are all taken; "
            "run the hub as a user of its own, or set database.url"
        )
    return left[0]


def our_name() -> str:
    """Return the name of the user that this process is, which the server asks the kernel for when we connect.

    Raises:
        StoreFailed: it has none.
    """
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise StoreFailed(
            f"PostgreSQL wants to know the name of user {os.geteuid()}, and there is none; add one to /etc/passwd, "
            "or set database.url"
        ) from None


def named() -> int:
    """Return a user that has a name and no rights, for the one program that wants a name.

    Raises:
        StoreFailed: there is no such user.
    """
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        raise StoreFailed(
            "a database can't be made as root without the user `nobody`; run the hub as a user of its own, "
            "or set database.url"
        ) from None
