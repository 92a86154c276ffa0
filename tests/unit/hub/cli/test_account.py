"""`tocsin account`, on a real database and beside a real hub."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from typing import Any

import aiohttp
import pytest

from hub.cli.command import main
from hub.cli.exits import Exit
from tests.agents_kit import CHEAP_PASSWORDS, agents_dsn, agents_hub, agents_template
from tests.live import SECRET
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]

ADA = "ada@example.org"
OLD, NEW = "correct horse battery", "another good one"


@pytest.fixture
def configured(agents_dsn: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A configuration in variables, for the hub whose database this is; returns its DSN."""
    given = {"agents__enabled": "true", "database__url": agents_dsn, "auth__keys__0__id": "k1", **CHEAP_PASSWORDS}
    for option, value in (given | {"auth__keys__0__secret": SECRET}).items():
        monkeypatch.setenv(f"TOCSIN_{option.upper()}", str(value))
    return agents_dsn


def tocsin(*arguments: str, stdin: str = "", capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run the command; return exit code and what it printed."""
    before, sys.stdin = sys.stdin, io.StringIO(stdin)
    try:
        code = main(["account", *arguments])
    finally:
        sys.stdin = before
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_accounts_without_a_hub(configured: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Made, listed and changed. What a hub would have to end is told of."""
    nowhere = ("--url", "http://127.0.0.1:1")
    code, out, _ = tocsin("create", ADA, "--name", "Ada\x1b[2J", "--json", stdin=f"{OLD}\n", capsys=capsys)
    made = json.loads(out)
    assert (code, made["email"], made["state"]) == (Exit.OK, ADA, "active")
    code, out, _ = tocsin("list", capsys=capsys)
    assert code == Exit.OK
    assert ADA in out
    assert made["id"] in out
    assert "\x1b[2J" not in out
    assert json.loads(tocsin("list", "bob", "--json", capsys=capsys)[1]) == {"items": []}
    code, out, told = tocsin("disable", ADA.upper(), *nowhere, capsys=capsys)
    assert (code, out) == (Exit.OK, f"{ADA}: disabled\n")
    assert "no hub was told" in told
    assert "state: disabled" in tocsin("show", made["id"], capsys=capsys)[1]
    assert tocsin("enable", ADA, capsys=capsys)[:2] == (Exit.OK, f"{ADA}: enabled\n")


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    [
        (["show", "nobody"], "", Exit.REFUSED, "there is no account nobody (not_found)"),
        (["reset-password", "nobody"], "", Exit.REFUSED, "there is no account nobody (not_found)"),
        (["create", ADA], "", Exit.USAGE, "standard input: expected a password"),
        (["create", ADA], "short\n", Exit.REFUSED, "password: expected 10 to 200 characters, got 5"),
        (["create", "ada"], f"{OLD}\n", Exit.REFUSED, "expected an address such as"),
        (["list", "--limit", "0"], "", Exit.USAGE, "--limit: expected a number from 1 on"),
    ],
)
def test_what_is_refused(
    configured: str, arguments: list[str], stdin: str, code: Exit, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In words, with an exit code, and without the password."""
    ended, out, told = tocsin(*arguments, stdin=stdin, capsys=capsys)
    assert (ended, out) == (code, "")
    assert words in told
    assert OLD not in told


async def test_somebody_who_forgot_a_password(configured: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Gets a new one while the hub runs: what was given for the old one ends at once, and the new one is good."""
    async with agents_hub(configured) as live, aiohttp.ClientSession(live.url) as http:

        async def post(path: str, password: str) -> tuple[int, Any]:
            async with http.post(f"/auth/{path}", json={"email": ADA, "password": password}) as answer:
                return answer.status, await answer.json()

        _, tokens = await post("register", OLD)
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        async with http.ws_connect("/ws", headers=bearer) as socket:
            assert (await socket.receive_json())["status"] == "connected"
            arguments = ("reset-password", ADA, "--url", live.url)
            code, out, told = await asyncio.to_thread(tocsin, *arguments, stdin=f"{NEW}\n", capsys=capsys)
            assert (code, told) == (Exit.OK, "")
            assert out.endswith(f"{ADA}: has the new password\n")  # the hub of this process logs before it
            await socket.receive()
            assert socket.close_code == 4502
        async with http.get("/my/account", headers=bearer) as answer:
            assert answer.status == 401
        assert (await post("login", OLD))[0] == 401
        assert (await post("login", NEW))[0] == 200
