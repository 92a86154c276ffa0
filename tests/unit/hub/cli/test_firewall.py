"""`tocsin firewall`, against a scripted API."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.cli import firewall
from hub.cli.exits import Exit
from hub.cli.terminal import Terminal

VERDICT = {"check_id": "c", "operation": "build", "decision": "allow", "why": "Nothing is known.", "ms": 0.1}
RECORD = {"id": "r-1", "operation": "build", "error_type": "E", "status": "observed", "occurrences": 2}


@dataclass
class Api:
    """Answers by path, and keeps what came."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        path = request.raw_path.removeprefix("/api/firewall")
        self.requests.append((request.method, path, body))
        return web.json_response(self.answers.get(path.partition("?")[0], RECORD))


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    double = Api()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", double.handle)
    async with TestServer(app) as server:
        double.url = str(server.make_url("/"))
        yield double


async def run(api: Api, *arguments: str) -> tuple[int, str]:
    """Run a command; return its exit code and its result."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    firewall.configure(parser)
    args = parser.parse_args([*arguments, "--url", api.url])
    out = io.StringIO()
    code = await asyncio.to_thread(firewall.run, args, Terminal(out, io.StringIO()))
    return code, out.getvalue()


@pytest.mark.parametrize(("decision", "code"), [("allow", Exit.OK), ("warn", Exit.OK), ("block", Exit.BLOCKED)])
async def test_a_check_ends_with_its_verdict(api: Api, decision: str, code: Exit) -> None:
    """So that a script can stop."""
    api.answers["/check"] = VERDICT | {"decision": decision}
    assert (await run(api, "check", "build", "device=iPhone 15", "tries:=3", "--context", "branch=main")) == (
        code,
        f"{decision.upper()} build: Nothing is known.\ncheck c, 0.10 ms\n",
    )
    params = {"device": "iPhone 15", "tries": 3}
    assert api.requests == [("POST", "/check", {"operation": "build", "params": params, "context": {"branch": "main"}})]


async def test_json_is_the_hubs_answer(api: Api) -> None:
    """As one object, for programs."""
    api.answers |= {"/check": VERDICT, "/records": {"records": [RECORD], "total": 1}, "/stats": {"checks": 1}}
    api.answers |= {"/rules": {"rules": []}, "/verdicts": {"verdicts": []}}
    for command, path in ((("check", "x"), "/check"), (("list",), "/records"), (("stats",), "/stats")):
        code, out = await run(api, *command, "--json")
        assert (code, json.loads(out)) == (Exit.OK, api.answers[path])
    for command, path in ((("rules",), "/rules"), (("verdicts",), "/verdicts")):
        assert json.loads((await run(api, *command, "--json"))[1]) == api.answers[path]


async def test_an_error_is_recorded(api: Api) -> None:
    """With its solution, if that is known."""
    code, out = await run(api, "record", "build", "E", "it broke", "n=1", "--solution", "mend it")
    assert (code, out) == (Exit.OK, "recorded as r-1 (observed), seen 2 times\n")
    body = {"operation": "build", "params": {"n": "1"}, "context": {}, "error_type": "E", "message": "it broke"}
    assert api.requests == [("POST", "/records", body | {"solution": {"text": "mend it"}})]


async def test_records_are_listed(api: Api) -> None:
    """With what narrows them down."""
    api.answers["/records"] = {"records": [RECORD], "total": 1}
    _, out = await run(api, "list", "--status", "observed", "--text", "a b", "--limit", "5")
    assert out.splitlines()[1].split() == ["r-1", "observed", "build", "E", "2"]
    assert api.requests == [("GET", "/records?status=observed&text=a+b&limit=5&offset=0", None)]


async def test_a_record_is_shown_with_its_verdicts(api: Api) -> None:
    """Its id may hold anything."""
    api.answers["/records/r%2F1"] = {"record": RECORD, "verdicts": [{"verdict": VERDICT}], "outcomes": []}
    _, out = await run(api, "show", "r/1")
    assert "id:          r-1" in out
    assert "Nothing is known." in out


@pytest.mark.parametrize(
    ("arguments", "path", "body"),
    [
        (("suggest", "r-1"), "/records/r-1/suggest", {}),
        (("confirm", "r-1", "--solution", "s"), "/records/r-1/confirm", {"solution": {"text": "s"}}),
        (("confirm", "r-1", "--force", "--reason", "x"), "/records/r-1/confirm", {"force": True, "reason": "x"}),
        (("retire", "r-1", "--reason", "fixed"), "/records/r-1/retire", {"reason": "fixed"}),
        (("retire", "rule-1", "--rule"), "/rules/rule-1/retire", {}),
        (("outcome", "r-1", "worked", "--check-id", "c"), "/records/r-1/outcomes", {"kind": "worked", "check_id": "c"}),
    ],
)
async def test_steps(api: Api, arguments: tuple[str, ...], path: str, body: Any) -> None:
    """Only what was given goes into the body."""
    assert (await run(api, *arguments))[0] == Exit.OK
    assert api.requests == [("POST", path, body)]


async def test_a_block_is_overridden(api: Api) -> None:
    """With a reason; one that stays is told by the exit code."""
    api.answers["/override"] = VERDICT | {"decision": "block"}
    assert (await run(api, "override", "build", "n=1", "--reason", "I know"))[0] == Exit.BLOCKED
    assert api.requests[0][2]["reason"] == "I know"


async def test_books_rules_and_numbers_are_listed(api: Api) -> None:
    """As tables."""
    api.answers["/verdicts"] = {"verdicts": [{"at": "2026-11-21T10:15:00Z", "verdict": VERDICT}]}
    api.answers["/rules"] = {"rules": [{"id": "rule-1", "predicates": []}]}
    api.answers["/stats"] = {"checks": 3}
    assert "Nothing is known." in (await run(api, "verdicts", "--entry", "r-1"))[1]
    assert api.requests == [("GET", "/verdicts?entry=r-1&limit=50", None)]
    assert "rule-1" in (await run(api, "rules"))[1]
    assert (await run(api, "stats"))[1].split() == ["number", "value", "checks", "3"]


@pytest.mark.parametrize("wrong", ["", "check", "outcome r splendid", "override x", "list --status x", "stats --jso"])
def test_wrong_usage(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Is told before anything is sent."""
    parser = argparse.ArgumentParser()
    firewall.configure(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(wrong.split())
    assert "usage" in capsys.readouterr().err
