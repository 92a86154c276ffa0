"""`tocsin ask`, from its arguments to what it prints."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.cli.command import main
from hub.cli.exits import Exit

ANSWER = {
    "question": "x",
    "mode": "hybrid",
    "passages": [
        {
            "id": "1",
            "document": "norm.txt",
            "title": "Кладка",
            "type": "norms",
            "start": 0,
            "end": 9,
            "text": "4.1 Швы",
            "score": 1.0,
        }
    ],
    "timings_ms": {"total": 1.0},
    "documents": 1,
    "chunks": 1,
}


@dataclass
class Hub:
    """Answers each question alike, and keeps the bodies."""

    url: str = ""
    bodies: list[Any] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        return web.json_response(ANSWER)


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    double = Hub()
    app = web.Application()
    app.router.add_post("/query", double.handle)
    async with TestServer(app) as server:
        double.url = str(server.make_url("/"))
        yield double


async def test_a_question_goes_to_the_hub(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """With its options as fields of a `Question`; `--json` prints the answer whole."""
    options = ["--limit", "3", "--type", "norms", "--document", "norm.txt", "--language", "ru", "--mode", "lexical"]
    assert await asyncio.to_thread(main, ["ask", "швы", *options, "--url", hub.url, "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["passages"][0]["text"] == "4.1 Швы"
    assert hub.bodies[0] | {"text": "швы", "limit": 3, "mode": "lexical", "types": ["norms"]} == hub.bodies[0]
    assert (hub.bodies[0]["names"], hub.bodies[0]["languages"]) == (["norm.txt"], ["ru"])
    assert await asyncio.to_thread(main, ["ask", "швы", "--url", hub.url]) == Exit.OK
    assert "Кладка" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([" "], "QUESTION: expected some words, got none"),
        (["x", "--limit", "0"], "--limit: Input should be greater than or equal to 1"),
        (["x", "--limit", "51"], "--limit: Input should be less than or equal to 50"),
        (["x" * 4_001], "QUESTION: String should have at most 4000 characters"),
    ],
    ids=["blank", "none", "many", "long"],
)
def test_a_question_that_is_none(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Is wrong usage, with what was expected, and of which argument."""
    assert main(["ask", *arguments]) == Exit.USAGE
    assert words in capsys.readouterr().err


def test_a_library_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Is wrong usage too."""
    assert main(["ask", "x", "--library", "/nowhere/library.sqlite"]) == Exit.USAGE
    assert "tocsin train" in capsys.readouterr().err


def test_without_a_hub_the_library_on_this_machine_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As somebody has it who has trained and starts no hub; not when an address was given, or there is none."""
    monkeypatch.setenv("TOCSIN_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TOCSIN_RAG_TRAINER__FOLDER", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["ask", "x"]) == Exit.UNREACHABLE
    assert "--library" not in capsys.readouterr().err
    (tmp_path / "library.sqlite").touch()
    assert main(["ask", "x"]) == Exit.UNREACHABLE
    assert f"ask the library on this machine: --library {tmp_path / 'library.sqlite'}" in capsys.readouterr().err
    assert main(["ask", "x", "--url", "http://127.0.0.1:1"]) == Exit.UNREACHABLE
    assert "--library" not in capsys.readouterr().err
    monkeypatch.setenv("TOCSIN_SERVER__PORT", "none")
    assert main(["ask", "x"]) == Exit.UNREACHABLE
    assert "nothing listens there" in capsys.readouterr().err
