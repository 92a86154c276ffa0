"""Who may use the error firewall, and what is told to who asks wrongly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.http.api.endpoint import Who
from hub.http.api.firewall.rows import ROWS
from tests.integration.api_client import Api, api_of, token_for
from tests.integration.firewall_hub import (
    CHECK,
    DEAD,
    RECORDS,
    block,
    check,
    firewall_of,
    guarded,
    report,
    with_firewall,
)
from tests.live import LiveHub, until, with_keys
from tests.postgres_server import PostgresServer, postgres

__all__ = ["postgres"]

OVERRIDE = {"operation": "ios_build", "params": DEAD, "reason": "just installed"}


@pytest.fixture
async def locked(postgres: PostgresServer) -> AsyncIterator[LiveHub]:
    """A hub that wants tokens, where release-manager may override."""
    dsn = postgres.create()
    options = {"error_firewall__enabled": True, "database__url": dsn, "error_firewall__overriders": ["release-manager"]}
    async with guarded(with_keys(**options)) as live:
        yield live
    postgres.drop(dsn)


def service(live: LiveHub, user: str = "ci") -> str:
    """The token of a service that may publish on the firewall's channel."""
    return token_for(live, user, publish=("error_firewall",))


async def test_services_check_and_operators_decide(locked: LiveHub) -> None:
    """Checking and recording takes a token for the channel; a record's life is an operator's."""
    operator = token_for(locked, "olga", admin=True)
    async with api_of(locked, service(locked)) as ci, api_of(locked, operator) as olga:
        recorded = await ci("POST", RECORDS, report())
        assert recorded.status == 200
        path = f"{RECORDS}/{recorded.json['id']}"
        assert (await check(ci, DEAD))["decision"] == "warn"
        for step in ("suggest", "confirm", "retire"):
            assert (await ci("POST", f"{path}/{step}")).code == "permission_denied"
        assert (await ci("POST", f"{path}/solution", {"text": "x"})).code == "permission_denied"
        solved = await olga("POST", f"{path}/solution", {"text": "x", "reason": "it helped"})
        assert (solved.json["status"], solved.json["changed_by"], solved.json["reason"]) == (
            "suggested",
            "olga",
            "it helped",
        )
        assert (await olga("POST", f"{path}/confirm")).json["changed_by"] == "olga"
        assert (await check(ci, DEAD))["decision"] == "block"
        assert (await ci("POST", f"{path}/outcomes", {"kind": "repeated"})).json["evidence"]["repeated"] == 1
        assert (await ci("GET", "/api/firewall/stats")).json["blocks"] == 1
        await until(lambda: not firewall_of(locked).firewall._parts.books.waiting)
        verdicts = (await olga("GET", "/api/firewall/verdicts")).json["verdicts"]
        assert {one["actor"] for one in verdicts} == {"ci"}


async def test_an_override_takes_a_permission(locked: LiveHub) -> None:
    """An operator's, or one by configuration; it is counted, kept and published with name and reason."""
    operator = token_for(locked, "olga", admin=True)
    watcher = {"Authorization": f"Bearer {token_for(locked, 'eve')}"}
    async with api_of(locked, service(locked)) as ci, api_of(locked, operator) as olga:
        id = await block(olga)
        refused = await ci("POST", "/api/firewall/override", OVERRIDE)
        assert (refused.status, refused.code) == (403, "permission_denied")
        assert "error_firewall.overriders" in refused.json["error"]["message"]
        async with (
            api_of(locked, service(locked, "release-manager")) as manager,
            locked.client("w", headers=watcher) as client,
        ):
            await client.ask(action="subscribe", channel="error_firewall")
            allowed = await manager("POST", "/api/firewall/override", OVERRIDE)
            assert (allowed.json["decision"], allowed.json["overridden"]) == ("allow", True)
            message = await client.receive()
            assert message["type"] == "error_overridden"
            told = message["data"]
            assert (told["error_id"], told["actor"], told["reason"]) == (id, "release-manager", "just installed")
        assert (await olga("POST", "/api/firewall/override", OVERRIDE)).json["overridden"] is True
        assert (await olga("POST", "/api/firewall/override", OVERRIDE | {"reason": ""})).code == "invalid_command"
        await until(lambda: not firewall_of(locked).firewall._parts.books.waiting)
        details = (await olga("GET", f"{RECORDS}/{id}")).json
        assert [(one["kind"], one["actor"]) for one in details["outcomes"]] == [
            ("overridden", "olga"),
            ("overridden", "release-manager"),
        ]
        assert (await ci("GET", "/api/firewall/stats")).json["overrides"] == 2


async def test_nobody_else_gets_in(locked: LiveHub) -> None:
    """Without a token, with a wrong one, or with one for other channels: nothing is checked, recorded or told."""
    other = token_for(locked, "eve", publish=("system_alerts",))
    bodies: dict[str, Any] = {"/check": {"operation": "x"}, "/records": report(), "/override": OVERRIDE}
    bodies |= {"/records/{record}/outcomes": {"kind": "worked"}, "/environment/{resource}": {"items": []}}
    async with api_of(locked) as nobody, api_of(locked, f"{other}x") as wrong, api_of(locked, other) as eve:
        for row in ROWS:
            path = row.path.format(record="r", rule="r", resource="r")
            body = bodies.get(row.path.removeprefix("/api/firewall"))
            assert (await nobody(row.method, path, body)).code == "unauthenticated"
            assert (await wrong(row.method, path, body)).code == "invalid_token"
            if row.who is Who.OPERATOR or body is not None or row.method == "GET":
                refused = await eve(row.method, path, body if body is not None else None)
                assert refused.status in (400, 403, 415), (path, refused.json)
        assert (await eve("POST", CHECK, {"operation": "x"})).code == "permission_denied"
    assert firewall_of(locked).firewall.statistics.checks == 0
    assert len(firewall_of(locked).firewall.index) == 0


WRONG: list[tuple[str, str, Any, int, str]] = [
    ("POST", "/check", {}, 400, "Missing operation parameter"),
    ("POST", "/check", {"operation": ""}, 400, "operation"),
    ("POST", "/check", {"operation": "x", "params": [1]}, 400, "params"),
    ("POST", "/check", {"operation": "x", "parms": {}}, 400, "parms: no such field"),
    ("POST", "/check", [1], 400, "expected a JSON object"),
    ("POST", "/records", {"operation": "x"}, 400, "Missing error_type parameter"),
    ("POST", "/override", {"operation": "x"}, 400, "Missing reason parameter"),
    ("GET", "/records?limit=5000", None, 400, "limit"),
    ("GET", "/records/none", None, 404, "there is no such record"),
    ("POST", "/records/none/confirm", {}, 404, "expected a record or rule"),
    ("POST", "/records/none/outcomes", {"kind": "worked"}, 404, "there is no such record"),
    ("POST", "/records/none/outcomes", {"kind": "splendid"}, 400, "kind"),
    ("GET", "/rules/none", None, 404, "there is no such rule"),
    ("POST", "/rules", {"operation": "x", "error_type": "E", "predicates": []}, 400, "predicates"),
    ("GET", "/verdicts?before=yesterday", None, 400, "before"),
    ("GET", "/environment/none", None, 404, "PUT it"),
    ("PUT", "/environment/x", {"items": [], "covers": {"o": {}}}, 400, "expected at least one field"),
]


async def test_what_is_wrong_is_told(firewall: Api) -> None:
    """In words that say what was expected."""
    for method, path, body, status, words in WRONG:
        answer = await firewall(method, f"/api/firewall{path}", body)
        assert (answer.status, words in answer.json["error"]["message"]) == (status, True), (path, answer.json)


@pytest.fixture
async def firewall(postgres: PostgresServer) -> AsyncIterator[Api]:
    """An operator's way to an open hub."""
    dsn = postgres.create()
    async with guarded(with_firewall(dsn)) as live, api_of(live) as api:
        yield api
    postgres.drop(dsn)


async def test_a_rule_that_means_anything_is_refused(firewall: Api) -> None:
    """It would block what is innocent; and so is a pattern that can't be read."""
    rule = {"operation": "x", "error_type": "E", "predicates": [{"kind": "regex", "field": "p", "argument": "("}]}
    refused = await firewall("POST", "/api/firewall/rules", rule)
    assert (refused.status, refused.code) == (422, "invalid_data")
    empty = (await firewall("POST", RECORDS, report(params={}))).json
    refused = await firewall("POST", f"{RECORDS}/{empty['id']}/confirm")
    assert (refused.status, refused.code) == (422, "invalid_data")


async def test_records_and_rules_are_apart(firewall: Api) -> None:
    """A rule's id is no record's, and the other way round; nothing is changed by it."""
    predicates = [{"kind": "equals", "field": "p", "argument": 1}]
    body = {"operation": "x", "error_type": "E", "predicates": predicates}
    rule = (await firewall("POST", "/api/firewall/rules", body)).json
    record = (await firewall("POST", RECORDS, report())).json
    for path in (f"{RECORDS}/{rule['id']}", f"/api/firewall/rules/{record['id']}"):
        assert (await firewall("GET", path)).status == 404
        assert (await firewall("POST", f"{path}/retire")).status == 404
    assert (await firewall("DELETE", f"/api/firewall/rules/{record['id']}")).status == 404
    assert (await firewall("GET", f"{RECORDS}/{record['id']}")).json["record"]["status"] == "observed"


async def test_a_firewall_that_is_off_says_so(hub: LiveHub) -> None:
    """And how to turn it on."""
    async with api_of(hub) as api:
        refused = await api("POST", CHECK, {"operation": "x"})
        assert (refused.status, refused.code) == (404, "not_found")
        assert "error_firewall.enabled: true" in refused.json["error"]["message"]
