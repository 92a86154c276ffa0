"""Forges on the hub: whom their events reach, once."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from prometheus_client.core import Metric

from channels.errors import ErrorCode, ReplyError
from channels.local import LocalClaims
from channels.model import Draft, Position, Published
from hub.adapters.adapter import Surroundings
from hub.adapters.forges import Forges, Received
from hub.sections.webhooks import WebhooksOptions
from tests.kit import ManualClock
from tests.unit.integrations.forges import gitlab_payloads, payloads
from tests.unit.integrations.forges.payloads import BOB, NOW, SECRET

USERS = {"Alice": "alice-a", "bob@example.com": "bob-b", "id:3": "carol-c", "carol@example.com": "carol-c"}


class Broker:
    """A double of the engine: keeps what is published, knows idempotency keys, and fails as it is told.

    Attributes:
        faults: by channel, used up one by one.
    """

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.faults: dict[str, list[ReplyError | None]] = {}
        self.queues = False
        self._keys: set[tuple[str, str | None]] = set()

    async def publish(self, draft: Draft) -> Published:
        await asyncio.sleep(0)
        if fault := (self.faults.get(draft.channel) or [None]).pop(0):
            raise fault
        duplicate = (draft.channel, draft.idempotency_key) in self._keys
        if not duplicate:
            self._keys.add((draft.channel, draft.idempotency_key))
            self.drafts.append(draft)
        return Published(None if self.queues else Position("e", 1), duplicate=duplicate, queued=self.queues)

    def channels(self) -> list[str]:
        return [draft.channel for draft in self.drafts]


class World:
    """Forges with a broker."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock(now=NOW)
        self.broker = Broker()
        source = {"enabled": True, "secret": SECRET}
        sections = {"github": source, "gitlab": source, "users": USERS} | options
        unused: Any = None
        hub = Surroundings(
            **dict.fromkeys(Surroundings.__dataclass_fields__, unused)
            | {"clock": self.clock, "claims": LocalClaims(self.clock)}
        )
        self.forges = Forges(WebhooksOptions.model_validate(sections), hub)

    async def github(self, event: str, payload: dict[str, Any], **fields: Any) -> Received:
        body = payloads.encoded(payload)
        headers = payloads.github_headers(event, body, **fields)
        return await self.forges.receive("github", headers, body, self.broker.publish)

    async def gitlab(self, payload: dict[str, Any]) -> Received:
        body = payloads.encoded(payload)
        return await self.forges.receive("gitlab", payloads.gitlab_headers("x"), body, self.broker.publish)


async def test_an_event_goes_to_whom_it_is_for() -> None:
    """By login, by address or by number, in any case; each user once."""
    world = World()
    received = await world.github("push", payloads.push())
    assert (received.status, received.notifications, received.new) == ("published", 2, True)
    assert world.broker.channels() == ["user:alice-a", "user:carol-c"]
    draft = world.broker.drafts[0]
    assert (draft.type, orjson.loads(draft.data)["branch"]) == ("code_push", "main")
    assert draft.timestamp.endswith("Z")
    await world.gitlab(gitlab_payloads.merge_request("open", reviewers=[gitlab_payloads.CAROL]))
    assert world.broker.channels()[2:] == ["user:carol-c"]


async def test_who_did_it_is_not_told_under_another_name() -> None:
    """The forge tells an address here and a login there; both are one user."""
    world = World(users={"bob": "bob-b", "alice@example.com": "bob-b"})
    await world.gitlab(gitlab_payloads.merge_request("approved", by=gitlab_payloads.BOB))
    assert world.broker.channels() == []


async def test_strangers_are_counted() -> None:
    """A login is a user only where the configuration says so, and only if it can be one."""
    world = World(users={})
    assert (await world.github("pull_request", payloads.review_requested())).notifications == 0
    assert world.forges.unknown == 1
    own = {"enabled": True, "secret": SECRET, "logins": True}
    world = World(users={}, github=own)
    await world.github("pull_request", payloads.review_requested())
    odd = payloads.review_requested(requested_reviewer=payloads.account("no user/../id", 9))
    await world.github("pull_request", odd, id="other")
    assert (world.broker.channels(), world.forges.unknown) == (["user:bob"], 1)


async def test_rooms_get_all_of_a_repository() -> None:
    """Beside the users."""
    world = World(rooms={"acme/shop": "shop-team", "acme/other": "others"})
    await world.github("pull_request_review", payloads.review("approved"))
    assert world.broker.channels() == ["user:alice-a", "room:shop-team"]


async def test_a_repeated_delivery_is_one_notification() -> None:
    """Also days later, when the broker has forgotten; another delivery of the same body is another."""
    world = World()
    assert (await world.github("push", payloads.push())).new
    for _ in range(3):
        world.clock.advance(86_000)
        last = await world.github("push", payloads.push())
        assert (last.status, last.notifications, last.new) == ("duplicate", 0, False)
    assert len(world.broker.drafts) == 2
    assert (await world.github("push", payloads.push(), id="another")).status == "published"
    assert len(world.broker.drafts) == 4


async def test_an_event_of_several_messages_has_several_keys() -> None:
    """Two reviewers who are one user are still told of both."""
    world = World(users={"bob": "b", "carol": "b"})
    both = [gitlab_payloads.BOB, gitlab_payloads.CAROL]
    await world.gitlab(gitlab_payloads.merge_request("open", reviewers=both))
    assert world.broker.channels() == ["user:b", "user:b"]


@pytest.mark.parametrize("code", [ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED, ErrorCode.TOO_MANY_CHANNELS])
async def test_what_could_not_be_published_may_come_again(code: ErrorCode) -> None:
    """The forge is told; the repetition reaches who was missed, and nobody twice."""
    world = World()
    world.broker.faults["user:carol-c"] = [ReplyError(code, "not now")]
    with pytest.raises(ReplyError, match="not now"):
        await world.github("push", payloads.push())
    assert world.broker.channels() == ["user:alice-a"]
    again = await world.github("push", payloads.push())
    assert (again.status, again.new) == ("published", True)
    assert world.broker.channels() == ["user:alice-a", "user:carol-c"]
    assert (await world.github("push", payloads.push())).status == "duplicate"


async def test_what_only_waits_is_not_taken() -> None:
    """It would be lost with this process; the forge keeps it, and the repetition is the same publication."""
    world = World()
    world.broker.queues = True
    with pytest.raises(ReplyError, match="the broker is away") as error:
        await world.github("push", payloads.push())
    assert error.value.code is ErrorCode.UNAVAILABLE
    world.broker.queues = False
    again = await world.github("push", payloads.push())
    assert (again.status, again.new) == ("duplicate", True)
    assert len(world.broker.drafts) == 2


async def test_a_channel_that_refuses_holds_up_nobody() -> None:
    """A schema that doesn't fit is for good: it is counted, and the others are told."""
    world = World()
    world.broker.faults["user:alice-a"] = [ReplyError(ErrorCode.INVALID_DATA, "no")]
    assert (await world.github("push", payloads.push())).notifications == 1
    assert (world.broker.channels(), world.forges.refused) == (["user:carol-c"], 1)


async def test_kinds_that_are_not_told_are_ignored() -> None:
    """And nothing is remembered of them."""
    world = World()
    assert (await world.github("ping", {"zen": "x", "repository": payloads.REPOSITORY})).status == "ignored"
    assert world.broker.drafts == []


async def test_refusals() -> None:
    """Each with its own answer, each counted; none repeats a secret."""
    world = World()
    body = payloads.encoded(payloads.push())
    headers = payloads.github_headers("push", body)
    unsigned = {name: value for name, value in headers.items() if "signature" not in name}
    forged = payloads.github_headers("push", body, "another secret")
    for source, given, content, code in (
        ("gitea", headers, body, ErrorCode.NOT_FOUND),
        ("bitbucket", headers, body, ErrorCode.NOT_FOUND),
        ("github", unsigned, body, ErrorCode.UNAUTHENTICATED),
        ("github", forged, body, ErrorCode.PERMISSION_DENIED),
        ("github", headers, body + b" ", ErrorCode.PERMISSION_DENIED),
        ("github", payloads.github_headers("push", b"{"), b"{", ErrorCode.INVALID_COMMAND),
        ("github", payloads.github_headers("push", b"{}"), b"{}", ErrorCode.INVALID_COMMAND),
    ):
        with pytest.raises(ReplyError) as error:
            await world.forges.receive(source, given, content, world.broker.publish)
        assert error.value.code is code
        assert SECRET not in str(error.value)
    assert world.broker.drafts == []
    assert world.forges.outcomes == {
        ("github", "unsigned"): 1,
        ("github", "forged"): 2,
        ("github", "malformed"): 2,
    }


async def test_everything_is_measured() -> None:
    """The metrics are there from the start."""
    world = World(users={})

    def samples() -> dict[tuple[str, ...], float]:
        metrics: list[Metric] = list(world.forges.collect())
        return {(s.name, *s.labels.values()): s.value for metric in metrics for s in metric.samples}

    assert samples() == {("tocsin_webhook_unknown_people_total",): 0, ("tocsin_webhook_refused_total",): 0}
    await world.github("push", payloads.push())
    assert samples()["tocsin_webhook_deliveries_total", "github", "published"] == 1
    assert samples()["tocsin_webhook_unknown_people_total",] == 2


async def test_it_needs_nothing_to_start() -> None:
    """And a forge that isn't configured costs nothing."""
    world = World(github={}, gitlab={})
    await world.forges.start()
    await world.forges.stop()
    with pytest.raises(ReplyError, match=r"webhooks of github are off; set webhooks\.github\.enabled"):
        await world.github("push", payloads.push())
    assert BOB["login"] not in str(world.forges.outcomes)
