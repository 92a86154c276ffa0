"""Installs what the tests need beside Python packages, where that is possible without asking.

Node packages come by `npm ci`. Chromium and Redis come by apt-get, but only for root on a Debian: anybody else is told
which tests will skip, and how to get them. Ends with 0 all the same, because the tests themselves say what was absent.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.needs import NODE_PROJECT, find_chromium, find_redis

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Prepare Node's packages, then Chromium and Redis."""
    for project in (NODE_PROJECT, ROOT / "clients" / "js"):
        prepare_node_packages(project)
    if find_chromium() is None:
        install("chromium", "the browser tests", "set TOCSIN_CHROMIUM to the path of a Chromium or Chrome")
    if find_redis() is None:
        install("redis-server", "the tests with Redis 7 and with TLS", "put redis-server on the path")


def prepare_node_packages(project: Path) -> None:
    """Install what a project's package-lock.json pins, unless that was done since it changed."""
    lock = project / "package-lock.json"
    installed = project / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    name = project.relative_to(ROOT)
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        tell(f"Node or npm is absent: the tests of {name} will skip. Install Node 20 or newer to run them.")
        return
    print(f"Installing the Node packages of {name}", flush=True)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=project, check=False).returncode:
        tell(f"npm ci failed in {name}: its tests will skip.")
    elif installed.exists():
        installed.touch()  # npm may keep the time of an older lock


def install(package: str, tests: str, otherwise: str) -> None:
    """Install a package of Debian where we may."""
    apt_get = shutil.which("apt-get")
    if apt_get is None or os.geteuid() != 0:
        tell(f"{package} is absent: {tests} will skip. On Debian: apt-get install {package}; or {otherwise}.")
        return
    print(f"Installing {package} for {tests}", flush=True)
    # A server that a package starts by itself would take the well-known port.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    command = [apt_get, "install", "--yes", "--quiet=2", "--no-install-recommends", package]
    for step in ([apt_get, "update", "--quiet=2"], command):
        if subprocess.run(step, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            tell(f"{' '.join(step)} failed: {tests} will skip.")
            return


def tell(message: str) -> None:
    """Say on standard error what will be missing."""
    print(f"note: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
