"""A client of the HTTP API that holds every answer against the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import jsonschema_rs

from hub.auth import Grants, sign
from hub.descriptions import Described
from hub.http.api.answers import Failure
from hub.http.api.table import ENDPOINTS
from hub.http.openapi import openapi
from tests.live import LiveHub

DOCUMENT = openapi()
ROWS = [(row, re.compile(re.sub(r"{\w+}", "[^/]+", row.path))) for row in ENDPOINTS]


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def code(self) -> str:
        """The error code, in either shape of errors; fails when there is none."""
        code: str = self.json.get("error", self.json)["code"]
        return code


class Api:
    """Makes requests. An answer, or a field of one, that the document doesn't describe fails the test."""

    def __init__(self, live: LiveHub, session: aiohttp.ClientSession, headers: dict[str, str]) -> None:
        self.live = live
        self.session = session
        self.headers = headers

    async def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> Answer:
        headers = self.headers | options.pop("headers", {})
        async with self.session.request(
            method, self.live.url + path, json=json, headers=headers, **options
        ) as response:
            answer = Answer(response.status, response.headers, await response.read())
        _check(method, path.partition("?")[0], answer)
        return answer

    async def publish(self, channel: str = "system_alerts", **fields: Any) -> Any:
        """Publish; fails when that is refused."""
        answer = await self("POST", "/api/publish", {"channel": channel, "type": "note", "data": {"n": 1}} | fields)
        assert answer.status == 200, answer.json
        return answer.json


@asynccontextmanager
async def api_of(live: LiveHub, token: str = "") -> AsyncIterator[Api]:
    """Make requests to a hub, with this token or without one."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession() as session:
        yield Api(live, session, headers)


def token_for(live: LiveHub, user: str, token_id: str | None = None, lifetime: float = 1800.0, **grants: Any) -> str:
    """Make a token that this hub takes."""
    options, clock = live.hub.settings.auth, live.hub.clock
    return sign(user, Grants(**grants), options=options, clock=clock, token_id=token_id, lifetime=lifetime)


def _check(method: str, path: str, answer: Answer) -> None:
    row = next((row for row, pattern in ROWS if row.method == method and pattern.fullmatch(path)), None)
    if row is None:
        return
    told = DOCUMENT["paths"][row.path][method.lower()]["responses"]
    assert str(answer.status) in told, f"{method} {row.path} answers {answer.status}, which isn't documented"
    media, content = next(iter(told[str(answer.status)].get("content", {"": {}}).items()))
    assert answer.headers.get("Content-Type", "").partition(";")[0] == media
    if media != "application/json":
        return
    schema = content["schema"] | {"components": DOCUMENT["components"]}
    jsonschema_rs.validator_for(schema).validate(answer.json)
    if answer.status >= 400:
        Failure.model_validate_json(answer.body)
        assert f"`{answer.code}`" in told[str(answer.status)]["description"]
    elif row.answer is not None:
        models = (row.answer, *row.more_answers)
        model = next(model for model in models if set(answer.json) <= _names(model))
        model.model_validate_json(answer.body)


def _names(model: type[Described]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}
