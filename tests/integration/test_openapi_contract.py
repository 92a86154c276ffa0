"""The OpenAPI document against a hub that runs, by schemathesis: for each operation, data at the edges of its schema
and beyond them, other methods, no token and a wrong one. What it makes is the same in each run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any, Final

import aiohttp
import pytest
import schemathesis
from schemathesis.engine import events, from_schema

from hub.auth import sign
from hub.http.openapi import openapi
from hub.tokens import Grants
from tests.agents_kit import agents_dsn, agents_hub, agents_template
from tests.live import LiveHub
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]

USERS: Final = ("/my/", "/auth/")

NOT_ASKED: Final = {
    "/my/sse/": "a stream, which ends when its reader goes",
    "/my/account": "ends the sign-ins, or the account, that all other requests are made with",
    "/api/revocations": "may revoke the token that all other requests are made with",
}
"""Operations that are left out, and why."""

RULES: Final = {
    r"^POST /auth/register": "a password of few different characters is refused",
    r"^POST /api/alerts": "fields depend on each other, and on the version of Alertmanager's format",
    r"^POST /api/(publish|disconnect)$": "one of several fields is given, and isn't null",
    r"^POST /my/chat/{session_id}/message/$": "content, or message, is given, and isn't null",
    r"^GET /api/deliveries$": "one of user, client_id and session is given",
}
"""Operations that refuse some of what their schema allows, by rules that it doesn't say."""

CHECK: Final = "positive_data_acceptance"

UNBOUNDED: Final[dict[str, Any]] = {
    "agents__requests_per_minute": 0,
    "agents__agents_per_user": 10_000,
    "agents__accounts__attempts": 10_000,
    "agents__accounts__attempts_per_address": 10_000,
}


@pytest.mark.timeout(180)
# Hypothesis suspects its own strategies when somebody else draws random numbers meanwhile: the hub, in another thread.
@pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")
@pytest.mark.parametrize("of_users", [True, False], ids=["users", "hub"])
async def test_the_hub_does_what_its_document_says(agents_dsn: str, of_users: bool) -> None:
    """Every status, content type, header and body is one that the document has; what doesn't fit is refused, what does
    fit is taken; nothing is a fault of the hub."""
    async with agents_hub(agents_dsn, **UNBOUNDED) as live:
        auth = live.hub.settings.auth
        token = sign("alice", Grants(admin=True), options=auth, clock=live.hub.clock, lifetime=600.0)
        ids = await _ids(live, token) if of_users else {}
        found, asked = await asyncio.to_thread(_find, live.url, token, ids, of_users)
    assert found == []
    assert asked > 500


async def _ids(live: LiveHub, token: str) -> dict[str, str]:
    """Make what the ids in paths may be of."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(live.url, headers=headers) as client:
        ids = {}
        for name, path, body in (
            ("agent_id", "/my/agents/", {"name": "coder"}),
            ("session_id", "/my/chat/sessions/", {}),
        ):
            async with client.post(path, json=body) as response:
                ids[f"path.{name}"] = (await response.json())["id"]
    return ids


def _find(url: str, token: str, ids: dict[str, str], of_users: bool) -> tuple[list[str], int]:
    """Let schemathesis look; return what it found, and how often it asked."""
    config = schemathesis.Config.from_dict(
        {
            "seed": 1,
            "base-url": url,
            "headers": {"Authorization": f"Bearer {token}"},
            "request-timeout": 30,
            "parameters": ids,
            "generation": {"deterministic": True, "allow-x00": False, "database": "none"},
            "phases": {
                "examples": {"enabled": False},
                "coverage": {"enabled": True, "unexpected-methods": ["PATCH"]},
                "fuzzing": {"enabled": False},
                "stateful": {"enabled": False},
            },
        }
    )
    document = openapi()
    document["paths"] = {
        path: item
        for path, item in document["paths"].items()
        if path.startswith(USERS) is of_users and not path.startswith(tuple(NOT_ASKED))
    }
    schema = schemathesis.openapi.from_dict(document, config=config)
    found: list[str] = []
    asked = 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            asked += len(event.recorder.cases)
            found += _failures(event)
        elif isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            found.append(repr(event.exception))
    return found, asked


def _failures(event: events.ScenarioFinished) -> Iterator[str]:
    for id, checks in event.recorder.checks.items():
        case = event.recorder.cases[id].value
        for check in checks:
            if check.failure_info is None:
                continue
            label = case.operation.label
            # A cursor is opaque: what is made up is refused.
            if check.name == CHECK and ("cursor" in case.query or any(re.search(rule, label) for rule in RULES)):
                continue
            failure = check.failure_info.failure
            body = repr(case.body)[:500]
            yield f"{label}: {failure.title}: {failure.message}\n{case.formatted_path} {case.query} {body}"
