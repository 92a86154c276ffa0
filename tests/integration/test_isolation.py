"""Nobody reaches what is somebody else's: every endpoint, stream and channel with another user's ids, with all nets in
place and with each of them taken away."""

from __future__ import annotations

import json
import logging
import re
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import sqlalchemy
from structlog.testing import capture_logs

from agents.memory.pgvector import PgVectorIndex
from agents.store.scope import Work
from hub.http.api.endpoint import Who
from hub.http.api.table import ENDPOINTS
from tests.agents_kit import agents_dsn, agents_template
from tests.integration.api_client import token_for
from tests.integration.foreign_requests import LAST, foreign_requests, own_requests
from tests.integration.two_people import CANARY, Answer, Person, TwoPeople, changes, two_people
from tests.live import running, with_keys
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]


def told(answer: Answer, *ids: str) -> str:
    """What an answer says, without what must differ: ids that were asked for, and times."""
    text = answer.text
    for id in ids:
        text = text.replace(id, "ID")
    fields = json.loads(text) if text.startswith("{") else {"text": text}
    return json.dumps({name: value for name, value in fields.items() if name not in ("timestamp", "reference")})


async def walk(people: TwoPeople, net: str) -> int:
    """Ben asks for everything that is Ann's: it isn't there for him, just as what never was, and nothing of Ann's
    changes. Return how many requests that were."""
    ann, ben = people.ann, people.ben
    before = await people.things_of(ann)
    nothing = {name: str(uuid4()) for name in ann.ids}
    requests = list(zip(foreign_requests(ben.ids, ann.ids), foreign_requests(ben.ids, nothing), strict=True))
    for pair in requests:
        answers = []
        for each, ids in zip(pair, (ann.ids, nothing), strict=True):
            answer = await ben.ask(each.row.method, each.path, each.body)
            what = f"{net}: {each.row.method} {each.row.path} with {each.which} of somebody else: {answer}"
            assert CANARY not in answer.text, what
            assert answer.status == 404, what
            answers.append(told(answer, ids[each.which]))
        assert answers[0] == answers[1], "whether it is there can't be told"
    assert changes(before, await people.things_of(ann)) == [], net
    return len(requests)


async def walk_own(people: TwoPeople, net: str) -> None:
    """Ben asks for all that is his own, and for lists: what comes is his."""
    ann, ben = people.ann, people.ben
    asked = [each for each in own_requests(ben.ids, parts=False) if each[:2] not in LAST and each[0] == "GET"]
    asked += [each for each in own_requests(ben.ids, parts=True) if each[0] == "GET" or "message" in each[1]]
    for method, path, body, _row in asked:
        answer = await ben.ask(method, path, body)
        what = f"{net}: {method} {path}: {answer}"
        assert answer.status < 300, what
        assert CANARY not in answer.text, what
        assert not [id for id in (ann.subject, *ann.ids.values()) if id in answer.text], what


def without_filter(patch: pytest.MonkeyPatch) -> None:
    """Statements select, change and delete whosever rows."""
    patch.setattr(Work, "owned", lambda _work, _table: sqlalchemy.true())


def without_tenants(patch: pytest.MonkeyPatch) -> None:
    """Searches for vectors look at everybody's."""
    patch.setattr(PgVectorIndex, "_own", lambda _index, _tenant: sqlalchemy.true())


async def row_security(people: TwoPeople, word: str) -> None:
    """Have PostgreSQL confine users, or nobody."""
    for table in people.tables:
        await people.run(f"ALTER TABLE {table} {word} ROW LEVEL SECURITY")


async def test_what_is_somebody_elses_is_not_there(
    agents_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With any net taken away, the others hold. No metric and no log line has a word of a user's, and no metric a
    user's id."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        async with two_people(agents_dsn, monkeypatch) as people:
            assert await walk(people, "all nets") > 30
            await walk_own(people, "all nets")
            for take in (without_filter, without_tenants):
                with monkeypatch.context() as patch:
                    take(patch)
                    await walk(people, take.__name__)
                    await walk_own(people, take.__name__)
            await row_security(people, "DISABLE")
            await walk(people, "without row security")
            await walk_own(people, "without row security")
            without_tenants(monkeypatch)
            await walk_own(people, "without row security and tenants")
            admin = token_for(people.live, "operator", admin=True)
            metrics = (await people.ben.ask("GET", "/metrics", token=admin)).text
            statistics = (await people.ben.ask("GET", "/api/stats", token=admin)).text
    assert len(lines) > 300
    assert "tocsin_agent_tasks_ended" in metrics
    for text in (metrics, statistics, str(lines), caplog.text):
        assert CANARY not in text
    for id in (people.ann.subject, people.ben.subject, *people.ann.ids.values()):
        assert id not in metrics


async def test_the_same_requests_find_what_is_ones_own(
    agents_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or the walk would prove nothing: each of them succeeds for its owner, and what Ann does to all of hers leaves
    Ben's as it was. Without a token none succeeds."""
    order = ("GET", "PATCH", "PUT", "POST", "DELETE")
    things = ("{memory_id}", "/memories/", "{session_id}", "{agent_id}", "")

    def rank(each: tuple[str, str, Any, Any]) -> tuple[int, ...]:
        method, path, _body, row = each
        last = LAST.index((method, path)) + 1 if (method, path) in LAST else 0
        return last, order.index(method), next(n for n, part in enumerate(things) if part in row.path)

    async with two_people(agents_dsn, monkeypatch) as people:
        ann = people.ann
        asked = [*own_requests(ann.ids, parts=True), *own_requests(ann.ids, parts=False)]
        before = await people.things_of(people.ben)
        for method, path, body, _row in asked:
            for token in ("", "nonsense"):
                assert (await ann.ask(method, path, body, token=token)).status == 401, path
        for method, path, body, _row in sorted(asked, key=rank):
            answer = await ann.ask(method, path, body)
            assert answer.status < 300, f"{method} {path}: {answer}"
            if (method, path) in LAST[:-1]:
                await ann.sign_in()
        assert not [row for rows in (await people.things_of(ann)).values() for row in rows]
        assert changes(before, await people.things_of(people.ben)) == []


async def test_channels_of_somebody_else(
    agents_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever Ben does on the channels of Ann and of her session, he gets the same answer as for ones that nobody has;
    and while she works, nothing of hers reaches him."""
    async with two_people(agents_dsn, monkeypatch) as people:
        ann, ben = people.ann, people.ben
        nobody = str(uuid4())
        pairs = [(f"session:{ann.ids['session_id']}", f"session:{nobody}"), (f"user:{ann.subject}", f"user:{nobody}")]
        headers = {"Authorization": f"Bearer {ben.token}"}
        async with people.live.client("ben", headers=headers) as socket:
            for pair in pairs:
                answers = [await everything_on(people, socket, channel) for channel in pair]
                assert str(answers[0]).replace(pair[0], "X") == str(answers[1]).replace(pair[1], "X")
                assert CANARY not in str(answers)
            for channel in ("memory_updates", f"user:{ben.subject}", f"session:{ben.ids['session_id']}"):
                assert (await socket.ask(action="subscribe", channel=channel))["status"] == "success"
            await work_of(ann)
            await ben.get("POST", f"/my/chat/{ben.ids['session_id']}/message/", {"content": "the end"})
            heard: list[Any] = []
            while not heard or heard[-1]["type"] != "TASK_COMPLETED":
                heard.append(await socket.receive())
        history = await ben.ask("GET", "/api/channels/memory_updates/history?limit=100")
        for text in (str(heard), history.text):
            assert CANARY not in text
            assert not [id for id in (ann.subject, *ann.ids.values()) if id in text]


async def work_of(person: Person) -> None:
    """A question, its answer, a memory, and a change of it."""
    await person.get("POST", f"/my/chat/{person.ids['session_id']}/message/", {"content": f"and {CANARY}?"})
    await person.get("PATCH", f"/my/memories/{person.ids['memory_id']}", {"text": f"{CANARY} still"})


async def everything_on(people: TwoPeople, socket: Any, channel: str) -> list[Any]:
    """All that a client can try on a channel; every answer is a refusal."""
    answers: list[Any] = []
    for action, more in (
        ("subscribe", {}),
        ("subscribe", {"since": {"epoch": "e", "offset": 0}}),
        ("history", {}),
        ("presence", {}),
        ("publish", {"type": "TASK_COMPLETED", "data": {}}),
    ):
        reply = await socket.ask(action=action, channel=channel, **more)
        codes = {reply.get("code"), *(result.get("code") for result in reply.get("results", []))}
        assert "permission_denied" in codes, reply
        answers.append({name: value for name, value in reply.items() if name != "timestamp"})
    tries: list[tuple[str, str, Any]] = [
        (row.method, row.path.format(channel=channel), None)
        for row in ENDPOINTS
        if "{channel}" in row.path and row.who is Who.CALLER
    ]
    tries += [
        ("GET", f"/events?channels={channel}", None),
        ("POST", "/api/tickets", {"channels": [channel]}),
        ("POST", "/api/publish", {"channel": channel, "type": "TASK_COMPLETED", "data": {}}),
    ]
    for method, path, body in tries:
        answer = await people.ben.ask(method, path, body)
        assert answer.status == 403, f"{method} {path}: {answer}"
        answers.append(told(answer))
    return answers


async def test_users_are_no_operators() -> None:
    """Every endpoint for operators refuses a token that is like an account's."""
    async with running(with_keys()) as live, aiohttp.ClientSession() as http:
        token = live.hub.authenticator.issue(str(uuid4()), 60)
        for row in ENDPOINTS:
            if row.who in (Who.OPERATOR, Who.SCRAPER):
                path = live.url + re.sub(r"{\w+}", "x", row.path)
                async with http.request(row.method, path, headers={"Authorization": f"Bearer {token}"}) as answer:
                    assert answer.status == 403, f"{row.method} {row.path}"
