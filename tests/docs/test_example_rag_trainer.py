"""The program in `examples/rag_trainer.py`, run as its reader runs it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.docs.snippets import environment
from tests.live import running, settings_for
from tests.rag_jobs import COMMAND, write_documents


async def test_a_training_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first stage to the end."""
    monkeypatch.setattr("hub.adapters.rag_trainer.WORKER", COMMAND)
    write_documents(tmp_path / "documents", a="")
    async with running(settings_for(rag_trainer__enabled=True, rag_trainer__folder=str(tmp_path))) as live:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "examples" / "rag_trainer.py"),
            "--url",
            live.url,
            env=environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            out, errors = await process.communicate()
    lines = out.decode().splitlines()
    assert (process.returncode, errors) == (0, b"")
    assert "  7 % 1/14: a.txt: did 1" in lines
    assert lines[-1].startswith("100 % complete: ")
