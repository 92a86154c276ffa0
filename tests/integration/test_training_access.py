"""Who may train and ask, and what wrong requests are told."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.api_client import token_for
from tests.live import running, with_keys
from tests.rag_hub import placed
from tests.rag_jobs import COMMAND, write_documents

ROUTES: list[tuple[str, str, Any]] = [
    ("POST", "/train", None),
    ("GET", "/train", None),
    ("GET", "/train/t-1", None),
    ("DELETE", "/train/t-1", None),
    ("POST", "/query", {"text": "concrete"}),
]


@pytest.fixture(autouse=True)
def doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers do what the documents say."""
    monkeypatch.setattr("hub.adapters.rag_trainer.WORKER", COMMAND)


async def test_only_operators(tmp_path: Path) -> None:
    """Without a token 401, with that of a user 403; an operator's goes through. Nothing is trained for the others."""
    settings = with_keys(rag_trainer__enabled=True, rag_trainer__folder=str(tmp_path))
    async with running(settings) as live, aiohttp.ClientSession() as session:

        async def answers(token: str | None) -> list[tuple[int, str | None]]:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            found = []
            for method, path, body in ROUTES:
                async with session.request(method, live.url + path, json=body, headers=headers) as response:
                    found.append((response.status, ((await response.json()).get("error") or {}).get("code")))
            return found

        assert await answers(None) == [(401, "unauthenticated")] * len(ROUTES)
        assert await answers(token_for(live, "alice")) == [(403, "permission_denied")] * len(ROUTES)
        trainer = live.hub.adapters.rag_trainer
        assert trainer is not None
        assert trainer.trainings.all() == []
        operator = await answers(token_for(live, "root", admin=True))
        assert [status for status, _ in operator] == [202, 200, 404, 404, 200]


async def test_pages_of_other_sites_reach_nothing(tmp_path: Path) -> None:
    """A form of a foreign page needs no body, and would need no permission; a name that was rebound is no better. What
    only reads is answered, but browsers show such an answer to no foreign page."""
    foreign = [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
    form = {"Origin": "http://evil.example", "Content-Type": "application/x-www-form-urlencoded"}
    async with placed(tmp_path) as place:
        rebound = {"Host": f"evil.example:{place.live.port}"}
        for method, path, body in ROUTES:
            for headers in [rebound, *(foreign if method != "GET" else [])]:
                status, answer = await place.ask(method, path, json=body, headers=headers)
                assert (status, bool(answer["error"]["message"])) == (403, True), (method, path, headers)
            if method != "GET":
                assert (await place.ask(method, path, data="a=b", headers=form))[0] == 403
        assert (await place.ask("GET", "/train"))[1] == {"trainings": []}


async def test_other_methods_are_told_which_there_are(tmp_path: Path) -> None:
    """In the header, and as an error of the usual shape."""
    async with placed(tmp_path) as place:
        for method, path in (("PUT", "/train"), ("DELETE", "/train"), ("POST", "/train/t-1"), ("GET", "/query")):
            async with place.session.request(method, place.live.url + path) as response:
                assert response.status == 405
                assert response.headers["Allow"]
                assert (await response.json())["error"]["code"]


async def test_an_unknown_job_is_not_found(tmp_path: Path) -> None:
    """Whatever its id looks like; of a long one only a piece is repeated."""
    async with placed(tmp_path) as place:
        for method in ("GET", "DELETE"):
            for id in ("t-0", "..%2F..%2Fetc%2Fpasswd", "%00", "x" * 5_000):
                status, answer = await place.ask(method, f"/train/{id}")
                assert (status, answer["error"]["code"]) == (404, "not_found"), id
                assert len(answer["error"]["message"]) < 200


async def test_a_body_that_is_none_is_refused(tmp_path: Path) -> None:
    """Before anything is begun."""
    cases = [
        (b"{", 400, "invalid_json"),
        (b"\xff", 400, "invalid_json"),
        (b"[]", 400, "invalid_command"),
        (b"null", 400, "invalid_command"),
        (b"[" * 100_000, 400, "invalid_json"),
        (b'{"text": "' + b"x" * 2_000_000 + b'"}', 413, "data_too_large"),
    ]
    async with placed(tmp_path) as place:
        for path in ("/train", "/query"):
            for body, status, code in cases:
                headers = {"Content-Type": "application/json"}
                got, answer = await place.ask("POST", path, data=io.BytesIO(body), headers=headers)
                assert (got, answer["error"]["code"]) == (status, code), body[:20]
        assert (await place.ask("GET", "/train"))[1] == {"trainings": []}


async def test_a_question_that_is_none_is_refused(tmp_path: Path) -> None:
    """The field is named, and no process is started for it."""
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"query": "   "}, "text"),
        ({"text": "x" * 4_001}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x", "limit": 0}, "limit"),
        ({"text": "x", "limit": 51}, "limit"),
        ({"text": "x", "mode": "magic"}, "mode"),
        ({"text": "x", "types": "norms"}, "types"),
        ({"text": "x", "other": 1}, "other"),
        ({"text": "x", "question": "y"}, "give one of"),
    ]
    async with placed(tmp_path) as place:
        for body, where in cases:
            status, answer = await place.ask("POST", "/query", json=body)
            assert (status, answer["error"]["code"]) == (400, "invalid_command"), body
            assert where in answer["error"]["message"]
        trainer = place.live.hub.adapters.rag_trainer
        assert trainer is not None
        assert trainer.asking.pid is None


async def test_a_page_that_is_none_is_refused(tmp_path: Path) -> None:
    """Of a job that is there."""
    write_documents(tmp_path / "documents", a="")
    async with placed(tmp_path) as place:
        _, job = await place.ask("POST", "/train")
        for query in ("limit=-1", "limit=1001", "offset=-1", "offset=x", "other=1", "limit=1&limit=2"):
            status, answer = await place.ask("GET", f"/train/{job['id']}?{query}")
            assert (status, answer["error"]["code"]) == (400, "invalid_command"), query
        assert (await place.ask("GET", f"/train/{job['id']}?limit=0"))[0] == 200
