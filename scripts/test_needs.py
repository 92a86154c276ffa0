"""Installs what the tests need beside Python packages, where that is possible without asking.

Node packages come by `npm ci`, and the admin UI is built. Chromium and Redis come by apt-get, but only for root on a
Debian: anybody else is told which tests will skip, and how to get them. Ends with 0 all the same, because the tests
themselves say what was absent.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from scripts.node_projects import ADMIN, CLIENT, Failed, Project, build, find_node, install_packages
from tests.needs import NODE_PROJECT, find_chromium, find_redis

NODE_PROJECTS = (Project(NODE_PROJECT), CLIENT, ADMIN)


def main() -> None:
    """Prepare Node's packages and what is built of them, then Chromium and Redis."""
    prepare_node_projects()
    if find_chromium() is None:
        install("chromium", "the browser tests", "set TOCSIN_CHROMIUM to the path of a Chromium or Chrome")
    if find_redis() is None:
        install("redis-server", "the tests with Redis 7 and with TLS", "put redis-server on the path")


def prepare_node_projects() -> None:
    """Install what the projects in TypeScript need, all at one time, and build what the browser tests open."""
    node = find_node()
    if node is None:
        names = ", ".join(project.name for project in NODE_PROJECTS)
        tell(f"Node or npm is absent: the tests of {names} will skip. Install Node 20 or newer to run them.")
        return
    try:
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda project: install_packages(project, node), NODE_PROJECTS))
        for project in (CLIENT, ADMIN):
            build(project, node)
    except Failed as failed:
        tell(f"{failed}: its tests will skip.")


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
