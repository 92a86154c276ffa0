"""The way of a query through the schema. With a database: tests/integration/test_graphql.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from channels.errors import ErrorCode, ReplyError
from hub.http.api.my import accounts
from hub.http.api.my.graph.asking import Asking
from hub.http.api.my.graph.schema import execute, schema_text
from tests.unit.hub.http.api.calls import call, put_together


async def ask(query: str, **variables: Any) -> dict[str, Any]:
    return await execute(Asking(put_together(), call()), query, variables, None)


def test_the_file_is_the_schema() -> None:
    """As `make docs` writes it."""
    assert Path("docs/schema.graphql").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("name", ["B", "a"])
async def test_an_operation_that_is_not_there(name: str) -> None:
    """Is refused, and no other one is run."""
    answer = await execute(Asking(put_together(), call()), "query A { me { id } }", {}, name)
    assert answer.keys() == {"errors"}
    assert answer["errors"][0]["extensions"]["code"] == "invalid_data"


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "{ nothing }",
        "{ agent { id } }",
        "{ agent(id: 1.5) { id } }",
        "{ a0: me { " + "id " * 1_000 + "} }",
        "{ me " + "{ me " * 400,
        "{ agent(id: " + "[" * 450 + " }",
        "{ sessions { items { messages { items { id } } } } me { ...F } } fragment F on Account { ...F }",
        "{ " + " ".join(f"a{number}: me {{ id }}" for number in range(31)) + " }",
        "query A { me { id } } query B { me { id } }",
        "subscription { me { id } }",
        "query($n: Int!) { agents(limit: $n) { next } }",
    ],
)
async def test_what_is_no_query(query: str) -> None:
    """Nothing of it is run: there is no data, and each error has a code."""
    answer = await ask(query)
    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"invalid_data"}


async def test_a_refused_field_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the code of HTTP, and its further members. A mistake of the hub's own is told under a reference, and its
    text isn't."""
    refused = await ask("{ me { id } }")
    assert refused["data"] is None
    (error,) = refused["errors"]
    assert (error["extensions"], error["path"]) == ({"code": "not_found", "temporary": False}, ["me"])
    assert "agents.enabled" in error["message"]

    async def broken(*_: Any) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr(accounts, "get_account", broken)
    with capture_logs() as lines:
        (error,) = (await ask("{ me { id } }"))["errors"]
    assert error["extensions"]["code"] == "internal"
    assert lines[0]["reference"] in error["message"]
    assert "secret" not in str(error)


async def test_members_of_a_refusal_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as when to come back."""

    async def busy(*_: Any) -> None:
        raise ReplyError(ErrorCode.UNAVAILABLE, "later", retry_after=2)

    monkeypatch.setattr(accounts, "get_account", busy)
    (error,) = (await ask("{ me { id } }"))["errors"]
    assert error["extensions"] == {"code": "unavailable", "temporary": True, "retry_after": 2}
