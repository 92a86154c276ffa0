"""Webhooks of forges: the answer, and what follows. Whole deliveries: tests/integration/test_forge_webhooks.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from channels.errors import ReplyError
from channels.policy import ANONYMOUS
from hub.http.api.endpoint import Call
from hub.http.api.hooks import HookTaken, take_delivery
from hub.wiring import Hub
from tests.unit.hub.http.api.calls import put_together
from tests.unit.integrations.forges import payloads
from tests.unit.integrations.forges.payloads import AFTER, SECRET


class Analysis:
    """A double of the analysis on the hub: keeps what was pushed."""

    def __init__(self) -> None:
        self.pushes: list[tuple[str, str]] = []

    async def pushed(self, repository: str, commit: str) -> None:
        self.pushes.append((repository, commit))


def hub_with(analysis: Any) -> Hub:
    source = {"enabled": True, "secret": SECRET}
    hub = put_together(webhooks__github=source, webhooks__users={"alice": "alice"})
    hub.adapters = replace(hub.adapters, analysis=analysis)
    return hub


def call(event: str, payload: dict[str, Any], source: str = "github") -> Call[bytes, None]:
    body = payloads.encoded(payload)
    headers = payloads.github_headers(event, body)
    request: web.Request = make_mocked_request("POST", "/", headers=headers, match_info={"source": source})
    return Call(request, ANONYMOUS, body, None)


async def test_a_push_is_analysed_once() -> None:
    """Not again when it is delivered again; and other events never."""
    analysis = Analysis()
    hub = hub_with(analysis)
    answers = [await take_delivery(hub, call("push", payloads.push())) for _ in range(2)]
    await take_delivery(hub, call("pull_request", payloads.review_requested()))
    assert [(answer.status, answer.notifications, answer.http_status) for answer in answers] == [
        ("published", 1, 200),
        ("duplicate", 0, 200),
    ]
    assert analysis.pushes == [("acme/shop", AFTER)]


async def test_without_an_analysis_nothing_is_analysed() -> None:
    """A hub may have none."""
    assert (await take_delivery(hub_with(None), call("push", payloads.push()))).status == "published"


async def test_what_is_not_told_is_accepted() -> None:
    """Else forges count it as failed."""
    answer = await take_delivery(hub_with(None), call("ping", {"zen": "x"}))
    assert (answer, answer.http_status) == (HookTaken(status="ignored", notifications=0), 202)


async def test_a_source_that_is_off_is_not_there() -> None:
    """Whatever it sends."""
    with pytest.raises(ReplyError, match="webhooks of gitea are off"):
        await take_delivery(hub_with(None), call("push", payloads.push(), source="gitea"))
