"""The program in `examples/code_analysis.py`, run as its reader runs it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.docs.pages import ROOT
from tests.docs.snippets import environment
from tests.live import running, settings_for
from tests.unit.integrations.code_analysis.repositories import make_repository

EXAMPLE = str(ROOT / "examples" / "code_analysis.py")


async def _run(*arguments: str) -> tuple[int | None, list[str], str]:
    """Run it to its end; return its exit code, its lines and its errors."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        EXAMPLE,
        *arguments,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, out.decode().splitlines(), errors.decode().strip()


async def test_an_analysis_is_watched(tmp_path: Path) -> None:
    """From the commit to the numbers; what may not be analysed is said."""
    repository = make_repository(tmp_path / "git" / "r", {"a.py": "import os\n", "b.json": "{"})
    settings = settings_for(
        analysis__enabled=True, analysis__roots=[str(tmp_path / "git")], analysis__folder=str(tmp_path / "kept")
    )
    async with running(settings) as live:
        code, lines, errors = await _run(str(repository), "--url", live.url)
        refused, _, why = await _run("/etc", "--url", live.url)
    assert (code, errors) == (0, "")
    assert lines[0].startswith("2 files at ")
    assert "ruff" in lines[0]
    assert "warning a.py:1 F401: `os` imported but unused" in lines
    assert lines[-1] == "2 findings {'error': 1, 'warning': 1, 'info': 0}; no summary"
    assert (refused, why) == (1, "path: expected a repository under one of the folders of analysis.roots")
