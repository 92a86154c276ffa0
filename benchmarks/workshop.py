"""What the peers need before they can start: compiled programs, a virtual environment, Node modules."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "benchmarks"
VENV = ROOT / ".venv-bench"
LOCK = ROOT / "requirements" / "bench.txt"
BUILD_SECONDS = 300
_STAMP = "tocsin-bench-lock"


class Absent(Exception):
    """A peer isn't here; the message is the reason."""


def _execute(argv: list[str], what: str, cwd: Path = ROOT) -> str:
    try:
        done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"{what} failed: {error}") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise Absent(f"{what} failed: {lines[-1][:200]}")
    return done.stdout + done.stderr


class Workshop:
    """Makes each thing once a run, and remembers also that it couldn't be made."""

    def __init__(self, directory: Path, say: Callable[[str], None]) -> None:
        self.directory = directory
        self._say = say
        self._made: dict[str, Path | Absent] = {}

    def program(self, name: str) -> Path:
        """The program compiled from `c/NAME.c`."""
        return self._once(f"c/{name}", lambda: self._compile(name))

    def python(self) -> Path:
        """The interpreter of the peers' virtual environment."""
        return self._once("venv", self._make_venv)

    def node(self) -> Path:
        """The directory of the Node peers, with their modules installed."""
        return self._once("node", self._install_modules)

    def tool(self, name: str) -> Path:
        """A program on PATH."""
        found = shutil.which(name)
        if not found:
            raise Absent(f"no {name} on PATH")
        return Path(found)

    def python_version(self, package: str) -> str:
        """The version of a package in the peers' virtual environment."""
        code = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
        return _execute([str(self.python()), "-c", code, package], f"reading the version of {package}").strip()

    def node_version(self, package: str) -> str:
        """The version of an installed Node module."""
        text = (self.node() / "node_modules" / package / "package.json").read_text()
        return str(json.loads(text)["version"])

    def program_version(self, *argv: str) -> str:
        """What a program says its version is: the last word of its first line."""
        words = _execute(list(argv), f"{argv[0]} {argv[1]}").splitlines()[0].split()
        return words[-1].rpartition("/")[2]

    def _once(self, key: str, make: Callable[[], Path]) -> Path:
        if key not in self._made:
            try:
                self._made[key] = make()
            except Absent as reason:
                self._made[key] = reason
        made = self._made[key]
        if isinstance(made, Absent):
            raise made
        return made

    def _compile(self, name: str) -> Path:
        compiler = shutil.which("gcc") or shutil.which("cc")
        if not compiler:
            raise Absent("no C compiler (gcc or cc) on PATH")
        target = self.directory / name
        _execute(
            [compiler, "-O2", "-std=gnu17", "-Wall", "-o", str(target), str(HERE / "c" / f"{name}.c")],
            f"compiling {name}.c",
        )
        return target

    def _make_venv(self) -> Path:
        python, stamp = VENV / "bin" / "python", VENV / _STAMP
        digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
        if python.exists() and stamp.exists() and stamp.read_text() == digest:
            return python
        self._say(f"making {VENV.name} with the peers' packages (once)")
        _execute([sys.executable, "-m", "venv", "--clear", str(VENV)], f"making {VENV.name}")
        install = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            str(LOCK),
        ]
        _execute(install, "installing requirements/bench.txt")
        stamp.write_text(digest)
        return python

    def _install_modules(self) -> Path:
        directory = HERE / "node"
        self.tool("node")
        lock, installed = directory / "package-lock.json", directory / "node_modules" / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            self._say("installing the Node peers' modules (once)")
            _execute([str(self.tool("npm")), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], "npm ci", directory)
        return directory
