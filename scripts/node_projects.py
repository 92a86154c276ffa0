"""The projects in TypeScript: installing what they need, and building them when their sources have changed.

Node comes from the path, or from a package of PyPI that `scripts/build_admin.py` installs where there is none.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

OLDEST: Final = 20
"""The oldest Node that builds the projects."""

LOCK: Final = ROOT / "requirements" / "node.txt"
"""What pins the Node that comes from PyPI."""

OWN: Final = str(Path(sys.executable).parent)
"""Where that one's commands are, once it is installed."""


class Failed(Exception):
    """What was to be done couldn't be; the text says why in a line."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a package.json.

    Attributes:
        folder: where it is.
        built: the file that a build writes last; None: it isn't built.
        sources: files and folders of which the build is made.
    """

    folder: Path
    built: Path | None = None
    sources: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The folder, from the root."""
        return os.path.relpath(self.folder, ROOT)

    @property
    def is_installed(self) -> bool:
        """Whether its packages were installed since the lock changed."""
        installed = self.folder / "node_modules" / ".package-lock.json"
        return installed.exists() and installed.stat().st_mtime >= (self.folder / "package-lock.json").stat().st_mtime

    @property
    def is_built(self) -> bool:
        """Whether it was built since its sources changed."""
        if self.built is None or not self.built.exists():
            return False
        return self.built.stat().st_mtime >= max(path.stat().st_mtime for path in self._inputs())

    def _inputs(self) -> Iterator[Path]:
        for name in self.sources:
            path = self.folder / name
            yield path
            yield from path.rglob("*") if path.is_dir() else ()


CLIENT: Final = Project(
    ROOT / "clients" / "js",
    ROOT / "clients" / "js" / "dist" / "browser" / "index.js",
    ("src", "scripts", "tsconfig.json", "package.json", "package-lock.json"),
)
"""The JavaScript client."""

ADMIN: Final = Project(
    ROOT / "admin_ui",
    ROOT / "hub" / "admin" / "index.html",
    # What is made of docs/*.json is types, which leave no trace in what is built.
    (
        *("src", "scripts", "index.html", "vite.config.ts", "tsconfig.json", "package.json", "package-lock.json"),
        *(f"../clients/js/{name}" for name in CLIENT.sources),
    ),
)
"""The admin UI. It depends on the client's folder, as it was built."""


def find_node(path: str | None = None) -> Path | None:
    """Return the folder of a Node that is new enough and has npm beside it on the path.

    Args:
        path: folders to look in, in place of those of `PATH`.
    """
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    return Path(node).parent if node and npm and _is_new_enough(node) else None


def _is_new_enough(node: str) -> bool:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
        return int(said.removeprefix("v").partition(".")[0]) >= OLDEST
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def fetch_node() -> Path:
    """Install Node from PyPI beside this Python's packages, by its hash; return the folder that has it.

    Raises:
        Failed: no network, or no Node for this machine.
    """
    print("Installing Node from PyPI, because this machine has none", flush=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--retries=1", "--timeout=15"]
    flags = ["--require-hashes", "--no-deps", "--only-binary=:all:"]
    done = subprocess.run([*pip, "install", *flags, "-r", str(LOCK)], capture_output=True, text=True, check=False)
    found = find_node(OWN) if done.returncode == 0 else None
    if found is None:
        raise Failed(f"Node {OLDEST} or newer is absent, and PyPI has none for this machine or can't be reached")
    return found


def install_packages(project: Project, node: Path) -> None:
    """Install what a project's package-lock.json pins, unless that was done since it changed.

    Raises:
        Failed: npm can't.
    """
    if project.is_installed:
        return
    print(f"Installing the Node packages of {project.name}", flush=True)
    flags = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]
    _npm(project, node, "ci", *flags)
    installed = project.folder / "node_modules" / ".package-lock.json"
    if installed.exists():
        installed.touch()  # npm may keep the time of an older lock


def build(project: Project, node: Path) -> None:
    """Build a project whose packages are installed, unless that was done since its sources changed.

    Raises:
        Failed: it can't be built; what the tools said was printed.
    """
    with _alone(project):
        if project.is_built:
            return
        print(f"Building {project.name}", flush=True)
        _npm(project, node, "run", "build", "--silent")


@contextmanager
def _alone(project: Project) -> Iterator[None]:
    """Keep others from building it at the same time: several processes may run tests."""
    with (project.folder / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _npm(project: Project, node: Path, *arguments: str) -> None:
    environment = {**os.environ, "PATH": os.pathsep.join((str(node), os.environ.get("PATH", os.defpath)))}
    command = ["npm", *arguments]
    done = subprocess.run(command, cwd=project.folder, env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise Failed(f"npm {' '.join(arguments[:2])} failed in {project.name}")
