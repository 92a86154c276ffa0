"""What each command of an authenticated client does."""

from __future__ import annotations

from typing import Any

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.model import Position, Published
from channels.policy import Principal
from hub.commands import encode, position_of, published_fields
from hub.wire import Authenticate, Since, StopRun
from tests.kit import draft, rest
from tests.unit.hub.stage import Seat, Stage

ALICE = Principal("alice", capabilities={"publish": ("alerts",)})


@pytest.fixture
async def stage() -> Stage:
    return Stage(max_subscriptions=3)


@pytest.fixture
def alice(stage: Stage) -> Seat:
    return stage.seat("alice-tab", ALICE)


@pytest.fixture
def bob(stage: Stage) -> Seat:
    return stage.seat("bob-tab", Principal("bob"))


async def error(seat: Seat, code: str, **command: Any) -> dict[str, Any]:
    """Send a command that is refused; return the error."""
    answer = await seat.ask(**command)
    assert (answer["type"], answer["code"], answer["action"]) == ("error", code, command["action"]), answer
    return answer


def publications(seat: Seat) -> list[dict[str, Any]]:
    return [message for message in seat.heard if message["type"] == "event"]


async def publish(seat: Seat, channel: str, **fields: Any) -> dict[str, Any]:
    """Publish; return the one result."""
    seat.say({"action": "publish", "channel": channel, "type": "event", "data": {}, "id": "p"} | fields)
    await rest()
    (answer,) = [message for message in seat.heard if message.get("id") == "p"][-1:]
    assert answer["type"] == "publish", answer
    (result,) = answer["results"]
    assert isinstance(result, dict)
    return result


# subscribe


async def test_subscribe(alice: Seat, bob: Seat) -> None:
    """The answer names the channel's top and how many are on it here."""
    assert await alice.ask(action="subscribe", channel="news", id=5) == {
        "type": "subscribe",
        "channel": "news",
        "status": "success",
        "subscribers": 1,
        "epoch": "e1",
        "offset": 0,
        "id": 5,
    }
    assert (await bob.ask(action="subscribe", channel="news"))["subscribers"] == 2
    assert (await alice.ask(action="subscribe", channel="news"))["subscribers"] == 2


async def test_subscribe_without_history(alice: Seat) -> None:
    """There is no position then, and `since` recovers nothing."""
    answer = await alice.ask(action="subscribe", channel="fleeting", since={"offset": 0})
    assert answer == {
        "type": "subscribe",
        "channel": "fleeting",
        "status": "success",
        "subscribers": 1,
        "recovered": False,
        "replayed": 0,
    }


async def test_subscribe_with_since_replays_behind_the_answer(stage: Stage, alice: Seat) -> None:
    """First the answer, then what was missed, oldest first, then what is new."""
    for _ in range(4):
        await stage.engine.publish(draft("news"))
    alice.say({"action": "subscribe", "channel": "news", "since": {"epoch": "e1", "offset": 1}})
    await rest()
    await stage.engine.publish(draft("news"))
    await rest()
    answer, *missed = alice.heard
    assert (answer["recovered"], answer["replayed"], answer["offset"]) == (True, 3, 4)
    assert [message["offset"] for message in missed] == [2, 3, 4, 5]


async def test_subscribe_with_a_foreign_epoch_is_a_gap(stage: Stage, alice: Seat) -> None:
    """What there is comes all the same."""
    await stage.engine.publish(draft("news"))
    alice.say({"action": "subscribe", "channel": "news", "since": {"epoch": "other", "offset": 1}})
    await rest()
    assert alice.heard[0]["recovered"] is False
    assert [message["offset"] for message in publications(alice)] == [1]


async def test_subscribe_is_refused(alice: Seat) -> None:
    """Unknown channels, strangers' rooms, too many subscriptions."""
    unknown = await error(alice, "unknown_channel", action="subscribe", channel="News")
    assert unknown["message"] == "Invalid channel: News"
    assert "news" in unknown["available_channels"]
    assert "user:alice" in unknown["available_channels"]
    await error(alice, "permission_denied", action="subscribe", channel="room:secret")
    await error(alice, "permission_denied", action="subscribe", channel="user:bob")
    for channel in ("news", "alerts", "user:alice"):
        assert (await alice.ask(action="subscribe", channel=channel))["type"] == "subscribe"
    assert (await error(alice, "too_many_subscriptions", action="subscribe", channel="fleeting"))["limit"] == 3


async def test_interval_is_for_conflated_channels(alice: Seat) -> None:
    """Elsewhere nothing may be left out, so the option is refused, not ignored."""
    refused = await error(alice, "invalid_command", action="subscribe", channel="news", interval_ms=100)
    assert refused["message"] == "interval_ms: news is not conflated"
    await error(alice, "unknown_channel", action="subscribe", channel="nowhere", interval_ms=100)
    assert (await alice.ask(action="subscribe", channel="pools", interval_ms=100))["type"] == "subscribe"


async def test_an_interval_is_kept(stage: Stage, alice: Seat) -> None:
    """The first goes at once; the next of its key doesn't."""
    await alice.ask(action="subscribe", channel="pools", interval_ms=60_000)
    for pool in ("a", "a", "b"):
        await stage.engine.publish(draft("pools", {"pool": pool}))
    await rest()
    assert [message["offset"] for message in publications(alice)] == [1, 3]
    stage.lose(alice)
    await stage.engine.publish(draft("pools", {"pool": "a"}))
    await rest()


async def test_presence_notices_need_permission_and_a_subscription(alice: Seat, bob: Seat) -> None:
    """Who asked hears of others, not of itself."""
    await error(alice, "permission_denied", action="subscribe", channel="quiet", presence=True)
    await alice.ask(action="subscribe", channel="news", presence=True)
    await bob.ask(action="subscribe", channel="news")
    await bob.ask(action="unsubscribe", channel="news")
    notices = [message for message in alice.heard if message["type"] == "presence"]
    assert [(n["event"], n["client"]["user"]) for n in notices] == [("join", "bob"), ("leave", "bob")]


# unsubscribe


async def test_unsubscribe(stage: Stage, alice: Seat) -> None:
    """What was published before comes before the answer, nothing after it."""
    await alice.ask(action="subscribe", channel="news")
    await stage.engine.publish(draft("news"))
    alice.say({"action": "unsubscribe", "channel": "news", "id": 1})
    await rest()
    await stage.engine.publish(draft("news"))
    await rest()
    assert [message["type"] for message in alice.heard] == ["subscribe", "event", "unsubscribe"]
    assert alice.heard[-1] == {"type": "unsubscribe", "channel": "news", "status": "success", "id": 1}


async def test_unsubscribe_from_where_one_is_not(alice: Seat) -> None:
    """Of channels that it may not see, a client learns nothing by leaving them."""
    await error(alice, "not_subscribed", action="unsubscribe", channel="news")
    await error(alice, "permission_denied", action="unsubscribe", channel="room:secret")
    await error(alice, "unknown_channel", action="unsubscribe", channel="nowhere")


# publish


async def test_publish(alice: Seat, bob: Seat) -> None:
    """The result says where the publication stands, and how many got it."""
    await bob.ask(action="subscribe", channel="news")
    result = await publish(alice, "news", data={"a": [1, "ü"]})
    assert result == {"channel": "news", "epoch": "e1", "offset": 1, "subscribers": 1, "duplicate": False}
    (got,) = publications(bob)
    assert got["data"] == {"a": [1, "ü"]}
    assert got["timestamp"] == "2027-01-15T08:00:00.000000Z"


async def test_publish_without_history(alice: Seat) -> None:
    """Such a publication has no position."""
    assert await publish(alice, "fleeting") == {"channel": "fleeting", "subscribers": 0, "duplicate": False}


async def test_publish_once_per_idempotency_key(alice: Seat, bob: Seat) -> None:
    """The same key gives the first position, and nothing is delivered again."""
    await bob.ask(action="subscribe", channel="news")
    first = await publish(alice, "news", idempotency_key="k")
    again = await publish(alice, "news", idempotency_key="k")
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    assert first["offset"] == again["offset"] == 1
    assert len(publications(bob)) == 1


async def test_publish_without_echo(alice: Seat, bob: Seat) -> None:
    """The publisher gets the position only."""
    for seat in (alice, bob):
        await seat.ask(action="subscribe", channel="news")
    assert (await publish(alice, "news", echo=False))["subscribers"] == 1
    assert publications(alice) == []
    assert alice.connection.offsets == [0, 1] or alice.connection.offsets == [1]
    assert len(publications(bob)) == 1


async def test_publish_with_a_key(alice: Seat) -> None:
    """On a channel with `conflate: key` the publisher names what is replaced."""
    await alice.ask(action="subscribe", channel="keyed")
    await publish(alice, "keyed", key="k")
    assert publications(alice)[0]["key"] == "k"


async def test_publish_to_several(alice: Seat) -> None:
    """Each channel has a result of its own, an error included."""
    answer = await alice.ask(action="publish", channels=["news", "room:x", "nowhere"], type="event", data=1)
    good, denied, unknown = answer["results"]
    assert (good["channel"], good["offset"]) == ("news", 1)
    assert (denied["channel"], denied["error"]["code"]) == ("room:x", "permission_denied")
    assert (unknown["channel"], unknown["error"]["code"]) == ("nowhere", "unknown_channel")


async def test_publish_is_refused(alice: Seat, bob: Seat) -> None:
    """By permission, schema, size and rate; then nothing is published."""
    await bob.ask(action="subscribe", channel="alerts")
    await error(bob, "permission_denied", action="publish", channel="alerts", type="event", data=1)
    assert (await publish(alice, "alerts"))["subscribers"] == 1
    invalid = await error(alice, "invalid_data", action="publish", channel="strict", type="event", data=1)
    assert invalid["path"] == "/"
    large = await error(alice, "data_too_large", action="publish", channel="strict", type="event", data="x" * 30)
    assert large["limit"] == 20
    for _ in range(2):
        await publish(alice, "strict")
    late = await error(alice, "rate_limited", action="publish", channel="strict", type="event", data={})
    assert (late["temporary"], late["retry_after"]) == (True, 0.5)
    await error(alice, "unknown_channel", action="publish", channel="", type="event", data=1)


# history and presence


async def test_history(stage: Stage, alice: Seat) -> None:
    """The newest, oldest first; with `since` what came after it; turned round when asked."""
    for _ in range(5):
        await stage.engine.publish(draft("news"))

    async def offsets(**fields: Any) -> list[int]:
        answer = await alice.ask(action="history", channel="news", **fields)
        assert (answer["type"], answer["epoch"], answer["offset"]) == ("history", "e1", 5)
        return [publication["offset"] for publication in answer["publications"]]

    assert await offsets() == [1, 2, 3, 4, 5]
    assert await offsets(limit=2) == [4, 5]
    assert await offsets(limit=2, reverse=True) == [5, 4]
    assert await offsets(since={"epoch": "e1", "offset": 3}) == [4, 5]
    answer = await alice.ask(action="history", channel="news", since={"epoch": "e1", "offset": 3})
    assert answer["recovered"] is True
    assert "recovered" not in await alice.ask(action="history", channel="news", limit=0)


async def test_history_is_refused(alice: Seat) -> None:
    """Where none is kept, and where it isn't for this client."""
    await error(alice, "no_history", action="history", channel="fleeting")
    await error(alice, "permission_denied", action="history", channel="quiet")
    await error(alice, "permission_denied", action="history", channel="room:secret")


async def test_presence(alice: Seat, bob: Seat) -> None:
    """Who is on a channel, or only how many."""
    await alice.ask(action="subscribe", channel="news")
    await bob.ask(action="subscribe", channel="news")
    answer = await alice.ask(action="presence", channel="news")
    assert (answer["type"], answer["clients"], answer["users"]) == ("presence_state", 2, 2)
    assert [member["client_id"] for member in answer["members"]] == ["alice-tab", "bob-tab"]
    assert set(answer["members"][0]) == {"client_id", "user", "session", "since"}
    assert "members" not in await alice.ask(action="presence", channel="news", members=False)
    await error(alice, "permission_denied", action="presence", channel="room:secret")


async def test_an_older_version_is_superseded(alice: Seat, bob: Seat) -> None:
    """The result says so; nobody gets it."""
    await bob.ask(action="subscribe", channel="news")
    assert "superseded" not in await publish(alice, "news", version=3)
    result = await publish(alice, "news", version=3)
    assert (result["superseded"], result["offset"]) == (True, 1)
    assert len(publications(bob)) == 1


def test_what_is_queued_has_no_position() -> None:
    """It gets one when the broker is back."""
    assert published_fields("news", Published(None, queued=True)) == {
        "channel": "news",
        "subscribers": 0,
        "duplicate": False,
        "queued": True,
    }


# stats and ping


async def test_stats_name_only_what_the_client_may_see(stage: Stage, alice: Seat, bob: Seat) -> None:
    """A stranger's private channel is in no list."""
    await alice.ask(action="subscribe", channel="user:alice")
    await alice.ask(action="subscribe", channel="news")
    mine = await alice.ask(action="stats", id=1)
    assert mine["data"]["channel_stats"] == {"user:alice": 1, "news": 1}
    theirs = await bob.ask(action="get_stats")
    assert theirs["data"]["channel_stats"] == {"news": 1}
    assert theirs["data"]["active_channels"] == ["news"]


async def test_stats_name_processes_only_to_operators(stage: Stage, alice: Seat) -> None:
    """To others it is none of their business, and on an open hub, where nobody has a token, no client asked for it."""
    root, tab = Principal("root", admin=True, issued=1.0), Principal("tab", admin=True)
    assert (await stage.seat("root", root).ask(action="stats"))["data"]["nodes"] == [{"node": "n"}]
    assert "nodes" not in (await stage.seat("tab", tab).ask(action="stats"))["data"]
    assert "nodes" not in (await alice.ask(action="stats"))["data"]


async def test_stats_name_rooms_that_the_client_is_in(stage: Stage, alice: Seat, bob: Seat) -> None:
    """Rooms aren't listed, but who is in one knows of it."""
    await stage.engine.gate.membership.add("room:x", "alice")
    await alice.ask(action="subscribe", channel="room:x")
    assert (await alice.ask(action="stats"))["data"]["channel_stats"] == {"room:x": 1}
    assert (await bob.ask(action="stats"))["data"]["channel_stats"] == {}


async def test_ping(alice: Seat) -> None:
    """A pong with the time, and what was sent along."""
    assert await alice.ask(action="ping") == {"type": "pong", "timestamp": "2027-01-15T08:00:00.000000Z"}
    assert (await alice.ask(action="ping", data=[1, None], id="x")) == {
        "type": "pong",
        "timestamp": "2027-01-15T08:00:00.000000Z",
        "data": [1, None],
        "id": "x",
    }


async def test_what_belongs_to_the_session_is_no_business_of_commands(stage: Stage, alice: Seat) -> None:
    """`authenticate` and `refresh` never get here."""
    with pytest.raises(AssertionError):
        await stage.commands.run(Authenticate(action="authenticate", token="T"), alice.connection)


# Small parts.


def test_positions() -> None:
    """The wire's `since` and the engine's position."""
    assert position_of(None) is None
    assert position_of(Since(offset=3, epoch="e")) == Position("e", 3)


def test_results() -> None:
    """Of a publish, as they stand in JSON."""
    assert published_fields("c", Published(None, 2)) == {"channel": "c", "subscribers": 2, "duplicate": False}
    assert published_fields("c", Published(Position("e", 3), 0, True)) == {
        "channel": "c",
        "epoch": "e",
        "offset": 3,
        "subscribers": 0,
        "duplicate": True,
    }


@pytest.mark.parametrize("data", ["\ud800", {"a": object()}, 1 << 64])
def test_what_json_cannot_hold(data: object) -> None:
    """It is refused, not changed."""
    with pytest.raises(ReplyError) as caught:
        encode(data)
    assert caught.value.code is ErrorCode.INVALID_JSON


# chat


async def test_without_agents_there_is_no_chat(alice: Seat) -> None:
    """And the error says how there would be."""
    refused = await error(alice, "unknown_action", action="stop_run", run="r", id=1)
    assert "agents.enabled: true" in refused["message"]


async def test_commands_that_a_part_of_the_hub_adds(stage: Stage, alice: Seat) -> None:
    """Know who asks, and their replies carry the id."""

    async def stop(command: StopRun, principal: Principal) -> dict[str, Any]:
        return {"type": command.action, "run": f"{command.run} of {principal.user}"}

    stage.commands.extend({StopRun: stop})
    assert await alice.ask(action="stop_run", run="r", id=7) == {"type": "stop_run", "run": "r of alice", "id": 7}
