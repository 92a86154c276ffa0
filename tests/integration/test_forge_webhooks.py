"""Webhooks of forges over HTTP, heard by the users that they are for."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.integration.api_client import Answer, api_of, token_for
from tests.integration.two_hubs import two
from tests.live import Client, LiveHub, running, with_keys
from tests.unit.integrations.forges import gitlab_payloads, payloads
from tests.unit.integrations.forges.payloads import SECRET, TOKEN

OPTIONS: dict[str, Any] = {
    "webhooks__github": {"enabled": True, "secret": SECRET},
    "webhooks__gitlab": {"enabled": True, "secret": TOKEN},
    "webhooks__users": {"alice": "alice", "bob": "bob", "carol": "carol"},
    "webhooks__rooms": {"acme/shop": "shop"},
    "channels__rooms": {"shop": {"members": ["dave"]}},
    "channels__defaults": {"history_size": 100},
    "limits__message_bytes": 65_536,
}


@pytest.fixture
async def live() -> AsyncIterator[LiveHub]:
    async with running(with_keys(**OPTIONS)) as hub:
        yield hub


@asynccontextmanager
async def listening(hub: LiveHub, *users: str) -> AsyncIterator[dict[str, Client]]:
    """Connect these users, each on their own channel; dave is on the repository's room instead."""
    async with AsyncExitStack() as stack:
        clients = {}
        for user in users:
            headers = {"Authorization": f"Bearer {token_for(hub, user)}"}
            clients[user] = client = await stack.enter_async_context(hub.client(user, headers=headers))
            channel = "room:shop" if user == "dave" else f"user:{user}"
            assert (await client.ask(action="subscribe", channel=channel))["status"] == "success"
        yield clients


async def deliver(hub: LiveHub, source: str, headers: Mapping[str, str], body: bytes) -> Answer:
    async with api_of(hub) as api:
        return await api("POST", f"/hooks/{source}", data=body, headers=dict(headers))


async def github(hub: LiveHub, event: str, payload: dict[str, Any], **fields: Any) -> Answer:
    body = payloads.encoded(payload)
    return await deliver(hub, "github", payloads.github_headers(event, body, **fields), body)


async def heard(clients: dict[str, Client]) -> dict[str, list[tuple[str, str]]]:
    """Return what each has got so far: whatever was on its way stands before the answer to a ping."""
    got: dict[str, list[tuple[str, str]]] = {}
    for user, client in clients.items():
        got[user] = []
        await client.send({"action": "ping"})
        while (message := await client.receive())["type"] != "pong":
            got[user].append((message["type"], str(message["data"].get("action") or message["data"].get("status"))))
    return got


async def test_a_review_reaches_the_reviewer_and_nobody_else(live: LiveHub) -> None:
    """And the room of the repository; the answer comes when it is published."""
    async with listening(live, "alice", "bob", "carol", "dave") as clients:
        answer = await github(live, "pull_request", payloads.review_requested())
        assert (answer.status, answer.json) == (200, {"status": "published", "notifications": 2})
        message = ("code_review", "requested")
        assert await heard(clients) == {"alice": [], "bob": [message], "carol": [], "dave": [message]}
        await github(live, "pull_request_review", payloads.review("approved"), id="2")
        await github(live, "workflow_run", payloads.workflow_run(), id="3")
        approved, failed = ("code_review", "approved"), ("build_status", "failure")
        assert await heard(clients) == {"alice": [approved, failed], "bob": [], "carol": [], "dave": [approved, failed]}


async def test_gitlab_signs_with_its_token(live: LiveHub) -> None:
    """Over id, time and body."""
    body = payloads.encoded(gitlab_payloads.pipeline(status="failed"))
    async with listening(live, "alice", "bob") as clients:
        answer = await deliver(live, "gitlab", payloads.signed_headers(body, at=live.hub.clock.now()), body)
        assert answer.status == 200
        assert await heard(clients) == {"alice": [("build_status", "failure")], "bob": []}
        late = payloads.signed_headers(body, id="late", at=live.hub.clock.now() - 301)
        assert (await deliver(live, "gitlab", late, body)).code == "permission_denied"


async def test_a_repeated_delivery_is_one_notification(live: LiveHub) -> None:
    """One after the other, and ten at once."""
    async with listening(live, "bob") as clients:
        answers = [(await github(live, "pull_request", payloads.review_requested())).json for _ in range(3)]
        assert [answer["status"] for answer in answers] == ["published", "duplicate", "duplicate"]
        again = (github(live, "pull_request", payloads.review_requested(), id="other") for _ in range(10))
        assert {answer.status for answer in await asyncio.gather(*again)} == {200}
        assert await heard(clients) == {"bob": [("code_review", "requested")] * 2}


async def test_what_is_not_signed_is_refused(live: LiveHub) -> None:
    """Nobody hears of it, and neither secret nor signature is in any log or answer."""
    body = payloads.encoded(payloads.review_requested())
    right = payloads.github_headers("pull_request", body)
    without = {name: value for name, value in right.items() if name != "x-hub-signature-256"}
    forged = payloads.github_headers("pull_request", body, "a guess")
    sha1 = without | {"x-hub-signature": "sha1=" + "0" * 40}
    with capture_logs() as logs:
        async with listening(live, "bob") as clients:
            answers = [await deliver(live, "github", headers, body) for headers in (without, forged, sha1)]
            answers.append(await deliver(live, "github", right, body + b" "))
            assert await heard(clients) == {"bob": []}
    assert [(answer.status, answer.code) for answer in answers] == [
        (401, "unauthenticated"),
        (403, "permission_denied"),
        (401, "unauthenticated"),
        (403, "permission_denied"),
    ]
    told = f"{logs}{[answer.body for answer in answers]}"
    assert SECRET not in told
    assert right["x-hub-signature-256"][7:] not in told
    exposed = live.hub.metrics.expose().decode()
    assert 'tocsin_webhook_deliveries_total{outcome="forged",source="github"} 2.0' in exposed
    assert 'tocsin_webhook_deliveries_total{outcome="unsigned",source="github"} 2.0' in exposed


async def test_what_is_wrong_is_said(live: LiveHub) -> None:
    """Malformed, of another content type, too long, of a source that is off or doesn't exist; what isn't told is
    accepted."""
    answers = [await github(live, "push", payloads.push(commits="many")), await github(live, "ping", {"zen": "x"})]
    body = payloads.encoded(payloads.push())
    form = payloads.github_headers("push", body) | {"content-type": "application/x-www-form-urlencoded"}
    answers += [
        await deliver(live, "github", form, body),
        await deliver(live, "github", payloads.github_headers("push", b"["), b"["),
        await deliver(live, "github", payloads.github_headers("push", body), b" " * 65_537),
        await deliver(live, "gitea", payloads.gitea_headers("push", body), body),
        await deliver(live, "bitbucket", payloads.gitea_headers("push", body), body),
    ]
    assert [answer.status for answer in answers] == [400, 202, 415, 400, 413, 404, 404]
    assert answers[0].json["error"]["message"] == "/commits: expected a list, came text"
    assert answers[1].json == {"status": "ignored", "notifications": 0}


@pytest.mark.parametrize("when_away", ["refuse", "spool"])
async def test_two_hubs_on_one_broker(when_away: str) -> None:
    """A delivery that comes to both is one notification; while the broker is away the forge is told to come again, and
    then it is one, too, whether or not the hub has kept it meanwhile."""
    async with (
        two(keys=True, redis__when_away=when_away, redis__spool_wait=0.1, **OPTIONS) as hubs,
        listening(hubs.a, "alice", "bob") as on_a,
        listening(hubs.b, "bob", "dave") as on_b,
    ):
        both = (github(hub, "pull_request", payloads.review_requested()) for hub in (hubs.a, hubs.b, hubs.a))
        assert {answer.status for answer in await asyncio.gather(*both)} == {200}
        message = ("code_review", "requested")
        await _hears(on_a["bob"], message)
        await _hears(on_b["bob"], message)
        await _hears(on_b["dave"], message)
        assert await heard(on_a) == {"alice": [], "bob": []}
        await hubs.server.stop(signal.SIGTERM)
        away = await github(hubs.a, "pull_request_review", payloads.review("approved"), id="away")
        assert (away.status, away.code, away.json["error"]["temporary"]) == (503, "unavailable", True)
        await hubs.server.start()
        async with asyncio.timeout(20):
            while (await github(hubs.b, "pull_request_review", payloads.review("approved"), id="away")).status != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # as a forge, or its operator, tries again
        await _hears(on_a["alice"], ("code_review", "approved"))
        again = await github(hubs.a, "pull_request_review", payloads.review("approved"), id="away")
        assert again.json["status"] == "duplicate"
        assert await heard({"alice": on_a["alice"]}) == {"alice": []}


async def _hears(client: Client, message: tuple[str, str]) -> None:
    """Wait for a publication; what the hub says of its broker meanwhile is passed over."""
    while True:
        came = await client.receive()
        if "data" in came:
            assert (came["type"], came["data"]["action"]) == message
            return
