"""The npm package of the JavaScript client: its unit tests, and what is in it."""

from __future__ import annotations

import asyncio
import json
import os
import re

import pytest

from tests.js_client import PACKAGE, built


async def _run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=built(),
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(150):
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, f"{out.decode()}\n{errors.decode()}"
    return out.decode()


@pytest.mark.timeout(180)  # it compiles everything twice
async def test_the_unit_tests_pass() -> None:
    """Types, behaviour against doubles, and the sizes of the bundles."""
    printed = await _run("node", "scripts/test.mjs")
    passed = re.search(r"^# pass (\d+)$", printed, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) > 100
    assert "# fail 0" in printed


async def test_the_package_has_what_its_entries_name() -> None:
    """Each entry has its module and its types; sources and tests stay out; nothing else is needed to run it."""
    [packed] = json.loads(await _run("npm", "pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"))
    files = {file["path"] for file in packed["files"]}
    manifest = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    entries = [entry for entry in manifest["exports"].values() if isinstance(entry, dict)]
    named = {path.removeprefix("./") for entry in entries for path in entry.values()}
    assert named - files == set()
    assert {file for file in files if not file.startswith("dist/")} == {"LICENSE", "README.md", "package.json"}
    assert "dependencies" not in manifest
