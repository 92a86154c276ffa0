"""Installs what the tests need beside Python packages, where that is possible without asking.

Node packages come by `npm ci`. Chromium comes by apt-get, but only for root on a Debian: anybody else is told which
tests will skip, and how to get it. Ends with 0 all the same, because the tests themselves say what was absent.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.needs import NODE_PROJECT, find_chromium


def main() -> None:
    """Prepare Node's packages, then Chromium."""
    prepare_node_packages()
    prepare_chromium()


def prepare_node_packages() -> None:
    """Install what tests/node/package-lock.json pins, unless that was done since it changed."""
    lock = NODE_PROJECT / "package-lock.json"
    installed = NODE_PROJECT / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        tell("Node or npm is absent: the tests with a Node client will skip. Install Node 20 or newer to run them.")
        return
    print("Installing the Node packages of the tests", flush=True)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=NODE_PROJECT, check=False).returncode:
        tell("npm ci failed in tests/node: the tests with a Node client will skip.")
    elif installed.exists():
        installed.touch()  # npm may keep the time of an older lock


def prepare_chromium() -> None:
    """Install Debian's Chromium where there is none and we may."""
    if find_chromium() is not None:
        return
    apt_get = shutil.which("apt-get")
    if apt_get is None or os.geteuid() != 0:
        tell(
            "Chromium is absent: the browser tests will skip. On Debian: apt-get install chromium; "
            "or set TOCSIN_CHROMIUM to the path of a Chromium or Chrome."
        )
        return
    print("Installing Chromium for the browser tests", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt_get, "install", "--yes", "--quiet=2", "--no-install-recommends", "chromium"]
    for command in ([apt_get, "update", "--quiet=2"], install):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            tell(f"{' '.join(command)} failed: the browser tests will skip.")
            return


def tell(message: str) -> None:
    """Say on standard error what will be missing."""
    print(f"note: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
