"""The Autobahn cases for RFC 6455 and RFC 7692, run by kosoku against our own path from the upgrade to the frames.

All cases, which takes some minutes: `TOCSIN_CONFORMANCE=full make test ARGS=tests/conformance`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import cast

import pytest

from tests.conformance.echo import echoing

FULL = os.environ.get("TOCSIN_CONFORMANCE") == "full"

_COMPRESSION_GROUPS = (*(f"12.{text}" for text in range(1, 6)), *(f"13.{offer}" for offer in range(1, 8)))

COMPRESSION = ("12.*", "13.*")
"""1,000 messages in each of 18 sizes, from 5 texts and with 7 offers: nearly all of the suite's time."""

SAMPLE = tuple(f"{group}.{size}" for group in _COMPRESSION_GROUPS for size in (1, 3, 5, 11))
"""Of these, 16, 256 and 4,096 bytes, and 8,192 bytes in fragments of 256."""

ACCEPTABLE = ("OK", "NON-STRICT", "INFORMATIONAL")
"""Autobahn's words for what the RFC allows."""

MAY_BE_NON_STRICT = {"6.4.3", "6.4.4"}
"""Invalid UTF-8 inside one frame is found when the frame is whole, not at the bad byte: it is not looked at before."""

_KOSOKU = "from kosoku._cli import main; main()"


async def run_cases(
    port: int, report: Path, include: tuple[str, ...], exclude: tuple[str, ...] = ()
) -> dict[str, dict[str, str]]:
    """Run cases in a process of their own; return their results by case."""
    selection = [word for case in include for word in ("-i", case)] + [
        word for case in exclude for word in ("-x", case)
    ]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _KOSOKU, *selection, "-o", str(report), f"ws://127.0.0.1:{port}/ws"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    index = report / "index.json"
    assert index.exists(), output.decode()
    (results,) = json.loads(index.read_text()).values()
    return cast("dict[str, dict[str, str]]", results)


def failures(results: dict[str, dict[str, str]]) -> dict[str, str]:
    """Name the cases that did not pass, each with its two verdicts."""
    failed = {}
    for case, result in results.items():
        behaviour, closing = result["behavior"], result["behaviorClose"]
        strict = behaviour != "NON-STRICT" or case in MAY_BE_NON_STRICT
        if behaviour not in ACCEPTABLE or closing not in ACCEPTABLE or not strict:
            failed[case] = f"{behaviour}, close {closing}: {result['reportfile']}"
    return failed


@pytest.mark.timeout(120)
async def test_frames_messages_and_closing(tmp_path: Path) -> None:
    """Every case about framing, pings, reserved bits, fragments, UTF-8, closing and sizes up to 16 MiB passes."""
    async with echoing() as server:
        results = await run_cases(server.port, tmp_path, ("*",), COMPRESSION)
    assert failures(results) == {}
    assert len(results) == 301


@pytest.mark.timeout(180)
async def test_compression(tmp_path: Path) -> None:
    """Every kind of text and every offer of permessage-deflate passes, in some sizes; all our frames are compressed."""
    async with echoing() as server:
        results = await run_cases(server.port, tmp_path, SAMPLE)
    assert failures(results) == {}
    assert len(results) == len(SAMPLE) == 48


@pytest.mark.skipif(not FULL, reason="takes 7 minutes: TOCSIN_CONFORMANCE=full")
@pytest.mark.timeout(1800)
async def test_compression_in_every_size(tmp_path: Path) -> None:
    """Every case about compression passes, up to 128 KiB a message and in fragments."""
    async with echoing() as server:
        results = await run_cases(server.port, tmp_path, COMPRESSION)
    assert failures(results) == {}
    assert len(results) == 216
