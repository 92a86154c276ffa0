"""The admin UI's own checks: its types against the hub's documents, and its unit tests."""

from __future__ import annotations

import asyncio
import os

import pytest

from scripts.node_projects import ADMIN, find_node
from tests.js_client import built
from tests.needs import is_absent


async def _run(script: str) -> str:
    """Run a script of its package.json; it must succeed."""
    built()  # what it says to the hub goes through the client
    if find_node() is None or not (ADMIN.folder / "node_modules").is_dir():
        is_absent("Node with the packages of admin_ui", "install Node and npm, then make test")
    process = await asyncio.create_subprocess_exec(
        *("npm", "run", script, "--silent"),
        cwd=ADMIN.folder,
        env={**os.environ, "NO_COLOR": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(150):
            printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


@pytest.mark.timeout(180)  # it compiles everything
async def test_its_types_are_the_hub_s() -> None:
    """It compiles, strictly, with the paths and messages that the hub's documents have now."""
    await _run("check")


@pytest.mark.timeout(180)
async def test_its_unit_tests_pass() -> None:
    """There are some, and they do."""
    assert " passed" in await _run("test")
