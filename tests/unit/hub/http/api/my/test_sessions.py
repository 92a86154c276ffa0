"""Sessions over HTTP: pages, names, and what others see of them: nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.agents_kit import agents_dsn, agents_template, store
from tests.integration.session_stream import User, a_user_at, chat_hub
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]


class Caller:
    """Makes requests of one user."""

    def __init__(self, user: User, http: aiohttp.ClientSession) -> None:
        self.user = user
        self.http = http

    async def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        url = f"{self.user.live.url}/my/chat/sessions/{path}"
        sent = None if body is None else body
        async with self.http.request(method, url, json=sent, params=query, headers=self.user.headers) as answer:
            return answer.status, await answer.json(content_type=None) if answer.status != 204 else None


@pytest.fixture
async def callers(agents_dsn: str) -> AsyncIterator[tuple[Caller, Caller]]:
    async with chat_hub(agents_dsn) as live, aiohttp.ClientSession() as http:
        yield Caller(await a_user_at(live), http), Caller(await a_user_at(live), http)


async def test_sessions_are_made_named_listed_and_deleted(callers: tuple[Caller, Caller]) -> None:
    """A list has all of them, page by page."""
    api, _ = callers
    status, made = await api("POST", "", {"title": " Holidays "})
    assert (status, made["title"], made["channel"]) == (201, "Holidays", f"session:{made['id']}")
    assert (await api("POST", ""))[1]["title"] == ""
    assert (await api("PATCH", made["id"], {"title": "May"}))[1]["title"] == "May"
    titles: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        status, page = await api("GET", "", limit=2, **cursor)
        titles += [session["title"] for session in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert titles == ["May", "", ""]
    assert (await api("DELETE", made["id"]))[0] == 204
    assert (await api("GET", made["id"]))[0] == (await api("DELETE", made["id"]))[0] == 404
    for body in ({"title": "x" * 201}, {"title": 1}, {"name": "x"}, {}):
        assert (await api("PATCH", str(api.user.session), body))[0] == 422


async def test_messages_and_events_come_in_pages(callers: tuple[Caller, Caller]) -> None:
    """Messages from the newest page backwards, each page in order; events from the oldest on."""
    api, _ = callers
    user = api.user
    async with user.log.write(user.scope, user.session) as entry:
        for number in range(5):
            await entry.append_message("user", f"m{number}\n\U0001f600")
    path = f"{user.session}/messages/"
    _, newest = await api("GET", path, limit=2)
    _, older = await api("GET", path, limit=2, cursor=newest["next"])
    _, oldest = await api("GET", path, limit=2, cursor=older["next"])
    pages = [[message["seq"] for message in page["items"]] for page in (newest, older, oldest)]
    assert (pages, oldest["next"]) == ([[5, 6], [3, 4], [2]], None)
    _, after = await api("GET", path, limit=2, after=2)
    assert [message["seq"] for message in after["items"]] == [3, 4]
    assert newest["items"][-1]["content"] == "m4\n\U0001f600"
    _, events = await api("GET", f"{user.session}/events/", limit=4)
    _, rest = await api("GET", f"{user.session}/events/", limit=4, cursor=events["next"])
    assert [event["data"]["seq"] for event in events["items"] + rest["items"]] == [1, 2, 3, 4, 5, 6]
    assert (events["last_seq"], rest["next"], events["items"][0]["type"]) == (6, None, "SESSION_CREATED")
    for wrong in ({"limit": 0}, {"limit": 201}, {"before": -1}, {"after": 2**63}, {"cursor": "?"}, {"page": 2}):
        assert (await api("GET", path, **wrong))[0] == 422


async def test_others_find_nothing(callers: tuple[Caller, Caller]) -> None:
    """Whatever they try, and the same as where nothing is."""
    owner, other = callers
    for id in (owner.user.session, uuid4()):
        for method, path, body in (
            ("GET", "", None),
            ("PATCH", "", {"title": "mine"}),
            ("DELETE", "", None),
            ("GET", "/messages/", None),
            ("GET", "/events/", None),
        ):
            status, problem = await other(method, f"{id}{path}", body)
            assert (status, problem["code"], problem["detail"]) == (404, "not_found", f"no session has the id {id}")
    assert (await other("GET", "x"))[0] == 404
    assert (await owner("GET", str(owner.user.session)))[1]["title"] == ""
