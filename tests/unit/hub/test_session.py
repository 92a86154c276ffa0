"""One client's conversation: commands in, replies out, without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.closing import CloseCode
from hub.options import LimitOptions, Settings, WebSocketOptions
from hub.session import EXPIRY_WARNING, INBOX_FULL
from hub.wire import ACTIONS
from tests.kit import draft, eventually, rest
from tests.unit.hub.stage import Seat, Stage

ALICE = Principal("alice")


def limited(**limits: Any) -> Settings:
    return Settings(limits=LimitOptions(**limits))


@pytest.fixture
async def stage() -> Stage:
    return Stage()


@pytest.fixture
def alice(stage: Stage) -> Seat:
    return stage.seat("alice-tab", ALICE)


def codes(seat: Seat) -> list[str]:
    return [message["code"] for message in seat.heard if message["type"] == "error"]


# Welcome.


async def test_channels_that_a_client_is_on_without_asking(stage: Stage) -> None:
    """After the welcome, as if it had asked, with what they rewind to; those that it may not see are left out."""
    await stage.engine.publish(draft("state"))
    await stage.engine.publish(draft("state"))
    seat = stage.seat("tab", ALICE, channels=("state", "nowhere", "room:ops", "news"))
    seat.session.open()
    await rest()
    assert [(m["type"], m.get("channel"), m.get("offset")) for m in seat.heard] == [
        ("connection", None, None),
        ("subscribe", "state", 2),
        ("event", "state", 2),
        ("subscribe", "news", 0),
    ]
    assert seat.heard[1]["replayed"] == 1
    assert "recovered" not in seat.heard[1]
    stranger = stage.seat("stranger", channels=("state",))
    stranger.session.open()
    await rest()
    assert [m["type"] for m in stranger.heard] == ["connection"]


async def test_channels_come_when_the_client_is_known(stage: Stage) -> None:
    """Not before it has authenticated."""
    stage.tokens.principals["right"] = ALICE
    seat = stage.seat("tab", known=False, channels=("state",))
    seat.session.open()
    await rest()
    assert [m["type"] for m in seat.heard] == ["connection"]
    seat.say({"action": "authenticate", "token": "right"})
    await rest()
    assert [m["type"] for m in seat.heard] == ["connection", "connection", "subscribe"]


async def test_welcome() -> None:
    """Everything that section 1.2 of the protocol names, and nothing else."""
    settings = Settings(
        websocket=WebSocketOptions(heartbeat=20, idle_timeout=90),
        limits=LimitOptions(
            message_bytes=2048, commands_per_second=5, command_burst=6, subscriptions=7, queued_bytes=8192, batch=9
        ),
    )
    seat = Stage(settings).seat("alice-tab", ALICE)
    seat.session.open()
    assert seat.heard == [
        {
            "type": "connection",
            "status": "connected",
            "client_id": "alice-tab",
            "session": "s-alice-tab",
            "user": "alice",
            "timestamp": "2027-01-15T08:00:00.000000Z",
            "protocol": 1,
            "available_channels": [
                "news",
                "alerts",
                "fleeting",
                "pools",
                "keyed",
                "strict",
                "quiet",
                "state",
                "user:alice",
            ],
            "heartbeat": 20.0,
            "idle_timeout": 90.0,
            "limits": {
                "message_bytes": 2048,
                "commands_per_second": 5.0,
                "command_burst": 6,
                "subscriptions": 7,
                "queued_bytes": 8192,
                "batch": 9,
            },
        }
    ]


async def test_welcome_of_a_stranger(stage: Stage) -> None:
    """Before it has said who it is, a client learns nothing of the hub."""
    seat = stage.seat("tab", known=False)
    seat.session.open()
    assert seat.heard == [
        {
            "type": "connection",
            "status": "unauthenticated",
            "client_id": "tab",
            "session": "s-tab",
            "timestamp": "2027-01-15T08:00:00.000000Z",
        }
    ]


# Authentication.


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"authenticate", "ping"}))
async def test_a_stranger_may_only_ping_and_authenticate(stage: Stage, action: str) -> None:
    """Every other command is answered with `unauthenticated`, and has no effect."""
    seat = stage.seat("tab", known=False)
    fields: dict[str, dict[str, Any]] = {
        "subscribe": {"channel": "news"},
        "unsubscribe": {"channel": "news"},
        "publish": {"channel": "news", "type": "t", "data": 1},
        "history": {"channel": "news"},
        "presence": {"channel": "news"},
        "refresh": {"token": "T"},
        "send_message": {"session": "s", "content": "Hi"},
        "stop_run": {"run": "r"},
        "stop_session": {"session": "s"},
    }
    answer = await seat.ask(action=action, id=1, **fields.get(action, {}))
    assert (answer["type"], answer["code"], answer["id"]) == ("error", "unauthenticated", 1)
    assert len(stage.engine.registry) == 0
    assert (await seat.ask(action="ping"))["type"] == "pong"
    assert seat.connection.is_open


async def test_authenticate(stage: Stage) -> None:
    """A good token is answered with the full welcome; from then on the client is its user."""
    stage.tokens.principals["T"] = Principal("alice", expires=stage.clock.now() + 300)
    seat = stage.seat("tab", known=False)
    answer = await seat.ask(action="authenticate", token="T", id="a")
    assert (answer["status"], answer["user"], answer["id"]) == ("connected", "alice", "a")
    assert "user:alice" in answer["available_channels"]
    assert stage.woken == ["s-tab"]
    assert (await seat.ask(action="subscribe", channel="user:alice"))["type"] == "subscribe"


async def test_authenticate_with_a_bad_token(stage: Stage) -> None:
    """The error comes, then the close with 4500; what was sent behind it isn't run."""
    seat = stage.seat("tab", known=False)
    seat.say([{"action": "authenticate", "token": "bad", "id": 1}, {"action": "ping"}])
    await rest()
    first, *_ = seat.heard
    assert (first["code"], first["id"], first["action"]) == ("invalid_token", 1, "authenticate")
    assert seat.connection.closed == (CloseCode.INVALID_TOKEN, "no such token")
    assert len(seat.heard) == 1
    assert seat.connection.principal.user is None


async def test_authenticate_under_another_users_client_id(stage: Stage) -> None:
    """A client id belongs to one user at a time."""
    stage.owners["tab"] = "bob"
    stage.tokens.principals["T"] = ALICE
    seat = stage.seat("tab", known=False)
    assert (await seat.ask(action="authenticate", token="T"))["code"] == "conflict"
    assert seat.connection.closed is not None
    assert seat.connection.principal.user is None
    assert not seat.session.authenticated


async def test_authenticate_twice(stage: Stage) -> None:
    """There is `refresh` for that."""
    alice = stage.seat("alice-tab", Principal("alice", issued=stage.clock.now()))
    answer = await alice.ask(action="authenticate", token="T")
    assert answer["code"] == "invalid_command"
    assert "refresh" in answer["message"]
    assert alice.connection.is_open


async def test_who_was_let_in_without_a_token_becomes_its_user(stage: Stage) -> None:
    """On an open hub, or as nobody: the conversation begins anew, with a welcome, and off all channels that the client
    had found its way to. There is no way back, and a bad token ends it, as for everybody who has to show one."""
    stage.tokens.principals["T"] = Principal("alice", issued=stage.clock.now(), expires=stage.clock.now() + 300)
    seat = stage.seat("tab", Principal("tab", admin=True), channels=("news",))
    seat.session.open()
    await rest()
    await seat.ask(action="subscribe", channel="alerts")
    seat.say({"action": "authenticate", "token": "T", "id": 1})
    await rest()
    welcome, again = seat.heard[-2:]
    assert (welcome["status"], welcome["user"], welcome["id"], "operator" in welcome) == (
        "connected",
        "alice",
        1,
        False,
    )
    assert (again["type"], again["channel"]) == ("subscribe", "news")
    assert list(stage.engine.registry.channels_of(seat.connection)) == ["news"]
    assert seat.connection.principal.user == "alice"
    assert stage.woken == ["s-tab"]
    assert (await seat.ask(action="authenticate", token="T"))["code"] == "invalid_command"
    other = stage.seat("other", Principal("other", admin=True))
    other.say({"action": "authenticate", "token": "bad"})
    await rest()
    assert other.connection.closed == (CloseCode.INVALID_TOKEN, "no such token")


async def test_refresh(stage: Stage) -> None:
    """The new token's end and capabilities count from then on."""
    now = stage.clock.now()
    seat = stage.seat("tab", Principal("alice", expires=now + 100))
    stage.tokens.principals["T2"] = Principal("alice", expires=now + 1000, capabilities={"publish": ("alerts",)})
    assert await seat.ask(action="refresh", token="T2", id=2) == {
        "type": "refresh",
        "status": "success",
        "expires_in": 1000.0,
        "id": 2,
    }
    assert stage.woken == ["s-tab"]
    stage.clock.advance(500)
    assert seat.session.check_token() == pytest.approx(440)
    answer = await seat.ask(action="publish", channel="alerts", type="t", data=1)
    assert answer["type"] == "publish"


async def test_refresh_without_an_end(stage: Stage, alice: Seat) -> None:
    """A principal may have none."""
    stage.tokens.principals["T2"] = ALICE
    assert (await alice.ask(action="refresh", token="T2"))["expires_in"] is None


async def test_a_bad_refresh_leaves_all_as_it_was(stage: Stage) -> None:
    """Another user's token, or none at all, is an error; the connection goes on with the old one."""
    seat = stage.seat("tab", Principal("alice", expires=stage.clock.now() + 100))
    stage.tokens.principals["B"] = Principal("bob")
    for token in ("B", "nonsense"):
        assert (await seat.ask(action="refresh", token=token))["code"] == "invalid_token"
    assert seat.connection.principal.user == "alice"
    assert seat.connection.is_open


# The end of the token.


async def test_a_token_without_an_end_is_never_checked(stage: Stage, alice: Seat) -> None:
    """Nor is one that isn't there yet."""
    assert alice.session.check_token() is None
    assert stage.seat("tab", known=False).session.check_token() is None


async def test_the_end_is_announced_a_minute_before(stage: Stage) -> None:
    """Once; and then the connection is closed with 4501."""
    seat = stage.seat("tab", Principal("alice", expires=stage.clock.now() + 600))
    assert seat.session.check_token() == pytest.approx(540)
    stage.clock.advance(540)
    assert seat.session.check_token() == pytest.approx(60)
    stage.clock.advance(59)
    assert seat.session.check_token() == pytest.approx(1)
    assert seat.heard == [{"type": "token_expiring", "seconds": EXPIRY_WARNING}]
    stage.clock.advance(1)
    assert seat.session.check_token() is None
    assert seat.connection.closed == (CloseCode.TOKEN_EXPIRED, "the token has expired; connect with a new one")


async def test_the_end_of_a_short_token_is_announced_at_half_of_its_rest(stage: Stage) -> None:
    """Of 30 s that are left at the start, the client gets 15 to see to a new token."""
    seat = stage.seat("tab", Principal("alice", expires=stage.clock.now() + 30))
    assert seat.session.check_token() == pytest.approx(15)
    assert seat.heard == []
    stage.clock.advance(15)
    assert seat.session.check_token() == pytest.approx(15)
    assert seat.heard == [{"type": "token_expiring", "seconds": 15.0}]


async def test_a_refreshed_token_is_announced_anew(stage: Stage) -> None:
    """Each token has its own warning."""
    now = stage.clock.now()
    seat = stage.seat("tab", Principal("alice", expires=now + 30))
    stage.clock.advance(20)
    seat.session.check_token()
    stage.tokens.principals["T2"] = Principal("alice", expires=now + 100)
    await seat.ask(action="refresh", token="T2")
    assert seat.session.check_token() == pytest.approx(40)
    stage.clock.advance(40)
    seat.session.check_token()
    assert [m["seconds"] for m in seat.heard if m["type"] == "token_expiring"] == [10.0, 40.0]


# Replies.


async def test_errors_repeat_what_they_are_about(alice: Seat) -> None:
    """Id, action and channel of the command, as far as they are known."""
    answer = await alice.ask(action="subscribe", channel="nowhere", id=7)
    assert (answer["id"], answer["action"], answer["channel"]) == (7, "subscribe", "nowhere")
    answer = await alice.ask(action="subscribe", channel="x" * 500)
    assert answer["channel"] == "x" * 128
    answer = await alice.ask(action="subscribe", chanel="news", id="b")
    assert (answer["id"], answer["action"]) == ("b", "subscribe")
    assert "channel" not in answer
    answer = await alice.ask(action="nonsense", id=0)
    assert (answer["id"], answer["code"]) == (0, "unknown_action")
    alice.say(b"{")
    assert set(alice.heard[-1]) == {"type", "code", "message", "temporary"}


async def test_errors_are_counted_by_code(stage: Stage, alice: Seat) -> None:
    """That is what the metric shows."""
    alice.say(b"{")
    await alice.ask(action="subscribe", channel="nowhere")
    assert stage.errors == {"invalid_json": 1, "unknown_channel": 1}


async def test_binary_frames_are_refused(alice: Seat) -> None:
    """The connection stays open."""
    alice.session.receive_binary(b"\x00")
    assert codes(alice) == ["unsupported_data"]
    assert alice.connection.is_open


async def test_oversized_messages_are_refused(alice: Seat) -> None:
    """The error names the limit."""
    alice.session.receive_oversized()
    (answer,) = alice.heard
    assert (answer["code"], answer["limit"]) == ("data_too_large", 1_048_576)


async def test_a_batch_is_answered_one_by_one(alice: Seat) -> None:
    """As if the commands had come one by one; a bad one among them harms no other."""
    alice.say(
        [
            {"action": "ping", "id": 1},
            {"action": "oops", "id": 2},
            3,
            {"action": "subscribe", "channel": "news", "id": 4},
        ]
    )
    await rest()
    assert [(m["type"], m.get("id")) for m in alice.heard] == [
        ("pong", 1),
        ("error", 2),
        ("error", None),
        ("subscribe", 4),
    ]
    assert [len(write) for write in alice.connection.writes] == [1, 1, 1, 1]


async def test_a_batch_over_the_limit_is_one_error() -> None:
    """None of its commands runs."""
    seat = Stage(limited(batch=2)).seat()
    seat.say([{"action": "ping"}] * 3)
    await rest()
    (answer,) = seat.heard
    assert (answer["code"], answer["limit"]) == ("invalid_command", 2)


def hold(stage: Stage, call: str) -> asyncio.Event:
    """Suspend a call of a port until the event is set."""
    go = asyncio.Event()

    async def wait() -> None:
        await go.wait()

    stage.interruptions.before[call] = wait
    return go


async def test_replies_keep_the_order_of_the_commands(stage: Stage, alice: Seat) -> None:
    """A command that has to wait holds up those behind it, the wrong ones too; publications pass."""
    await alice.ask(action="subscribe", channel="alerts")
    go = hold(stage, "follow")
    alice.say({"action": "subscribe", "channel": "news", "id": 1})
    alice.say({"action": "ping", "id": 2})
    alice.say(b"{")
    alice.say([{"action": "oops", "id": 3}, {"action": "stats", "id": 4}])
    await rest()
    await stage.engine.publish(draft("alerts"))
    await rest()
    assert [m["type"] for m in alice.heard[1:]] == ["event"]
    go.set()
    await rest()
    assert [(m["type"], m.get("id")) for m in alice.heard[2:]] == [
        ("subscribe", 1),
        ("pong", 2),
        ("error", None),
        ("error", 3),
        ("stats", 4),
    ]


async def test_one_client_does_not_wait_for_another(stage: Stage, alice: Seat) -> None:
    """Each session has its own queue."""
    go = hold(stage, "follow")
    alice.say({"action": "subscribe", "channel": "news"})
    await rest()
    assert (await stage.seat("bob").ask(action="ping"))["type"] == "pong"
    go.set()
    await rest()


async def test_an_idle_session_has_no_task(stage: Stage, alice: Seat) -> None:
    """The task lives only as long as there are commands."""
    await alice.ask(action="ping")
    assert stage.tasks == set()


async def test_a_full_inbox_stops_the_reading(stage: Stage, alice: Seat) -> None:
    """Who sends faster than the hub can answer isn't read from until half is done; nothing is lost."""
    go = hold(stage, "follow")
    transport = alice.connection.transport
    alice.say({"action": "subscribe", "channel": "news"})
    await rest()
    for number in range(INBOX_FULL):
        assert transport.reading
        alice.say({"action": "ping", "id": number})
    assert [transport.reading] == [False]
    alice.say([{"action": "ping", "id": INBOX_FULL}, {"action": "ping", "id": INBOX_FULL + 1}])
    go.set()
    await eventually(lambda: len(alice.heard) == INBOX_FULL + 3)
    assert transport.reading
    assert [m["id"] for m in alice.heard[1:]] == list(range(INBOX_FULL + 2))


async def test_a_fault_is_answered_without_its_cause(
    stage: Stage, alice: Seat, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log has the traceback, the client a reference; the connection lives, and the next command runs."""

    async def fail() -> None:
        raise ValueError("the cause")

    stage.interruptions.before["follow"] = fail
    answer = await alice.ask(action="subscribe", channel="news", id=1)
    assert (answer["code"], answer["temporary"], answer["id"]) == ("internal", True, 1)
    assert answer["reference"] == "s-alice-tab"
    assert "the cause" not in json.dumps(answer)
    assert "the cause" in capsys.readouterr().out
    assert (await alice.ask(action="ping"))["type"] == "pong"


# Limits.


async def test_commands_have_a_rate() -> None:
    """A burst passes; what is over is refused, named, and told when to try again; and then it passes."""
    stage = Stage(limited(commands_per_second=2, command_burst=3))
    seat = stage.seat()
    for number in range(5):
        seat.say({"action": "ping", "id": number})
    await rest()
    late = [message for message in seat.heard if message["type"] == "error"]
    assert [message["id"] for message in late] == [3, 4]
    assert (late[0]["code"], late[0]["temporary"], late[0]["retry_after"]) == ("rate_limited", True, 0.5)
    assert late[0]["action"] == "ping"
    assert "2 commands per second" in late[0]["message"]
    stage.clock.advance(late[0]["retry_after"])
    assert (await seat.ask(action="ping"))["type"] == "pong"


async def test_retry_after_is_never_too_short() -> None:
    """Who waits as long as it was told is let through, whatever the rounding."""
    stage = Stage(limited(commands_per_second=7, command_burst=1))
    seat = stage.seat()
    await seat.ask(action="ping")
    for _ in range(20):
        answer = await seat.ask(action="ping")
        assert answer["type"] == "error"
        stage.clock.advance(answer["retry_after"])
        assert (await seat.ask(action="ping"))["type"] == "pong"


async def test_batches_and_garbage_count_by_command() -> None:
    """Packing commands into arrays gets round nothing, nor does making them invalid."""
    seat = Stage(limited(commands_per_second=1, command_burst=3)).seat()
    seat.say([{"action": "ping"}, 7, {"action": "ping"}, {"action": "ping"}, {"action": "oops", "id": 9}])
    await rest()
    kinds = [message.get("code", message["type"]) for message in seat.heard]
    assert sorted(kinds) == ["invalid_command", "pong", "pong", "rate_limited", "rate_limited"]


async def test_without_a_limit_nothing_is_refused() -> None:
    """0 is no limit, for commands and errors alike."""
    seat = Stage(limited(commands_per_second=0, errors_per_minute=0)).seat()
    for _ in range(1000):
        seat.say(b"{")
    assert len(codes(seat)) == 1000
    assert seat.connection.is_open


async def test_too_many_errors_close_the_connection(stage: Stage) -> None:
    """With 4503, which says not to come back; what waits is dropped."""
    stage = Stage(limited(errors_per_minute=5))
    seat = stage.seat()
    for _ in range(10):
        seat.say(b"{")
    assert len(codes(seat)) == 6
    assert seat.connection.closed == (CloseCode.ABUSIVE, "more than 5 refused commands in a minute")


async def test_waiting_commands_of_an_abuser_are_dropped() -> None:
    """They would run for nobody."""
    stage = Stage(limited(errors_per_minute=2))
    seat = stage.seat()
    go = hold(stage, "follow")
    seat.say({"action": "subscribe", "channel": "news"})
    await rest()
    seat.say([{"action": "oops"}] * 3 + [{"action": "publish", "channel": "fleeting", "type": "t", "data": 1}])
    go.set()
    await rest()
    assert seat.connection.closed is not None
    assert [m["type"] for m in seat.heard] == ["subscribe", "error", "error", "error"]


async def test_errors_are_forgotten_with_time() -> None:
    """An error now and then closes nothing."""
    stage = Stage(limited(errors_per_minute=5))
    seat = stage.seat()
    for _ in range(50):
        seat.say(b"{")
        stage.clock.advance(15)
    assert seat.connection.is_open


async def test_a_closed_connection_is_not_listened_to(alice: Seat) -> None:
    """Frames that were on their way have no effect."""
    alice.connection.close(1001, "")
    alice.say({"action": "ping"})
    await rest()
    assert alice.heard == []


@pytest.mark.parametrize("call", ["follow", "history", "join"])
async def test_a_connection_that_is_lost_while_subscribing_leaves_nothing(stage: Stage, call: str) -> None:
    """Wherever the subscribe waits."""
    seat = stage.seat()
    go = hold(stage, call)
    seat.say({"action": "subscribe", "channel": "news"})
    await rest()
    stage.lose(seat)
    go.set()
    task = asyncio.create_task(stage.engine.run())
    await rest()
    task.cancel()
    assert len(stage.engine.registry) == 0
    assert stage.broker._followed == set()
    assert seat.heard == []


def refusing(code: ErrorCode) -> Callable[[], Any]:
    async def refuse() -> None:
        raise ReplyError(code, "away")

    return refuse


async def test_a_broker_that_is_away_is_an_answer(stage: Stage, alice: Seat) -> None:
    """`unavailable`, temporary; and no subscription is left."""
    stage.interruptions.before["follow"] = refusing(ErrorCode.UNAVAILABLE)
    answer = await alice.ask(action="subscribe", channel="news")
    assert (answer["code"], answer["temporary"]) == ("unavailable", True)
    assert len(stage.engine.registry) == 0


async def test_what_stands_is_told_after_the_welcome() -> None:
    """To who comes with a token, and to who authenticates, after that."""
    stage = Stage()
    notice = {"type": "degraded", "reason": "r", "timestamp": "t"}
    stage.context.standing = lambda: notice
    known, unknown = stage.seat("a"), stage.seat("b", known=False)
    for seat in (known, unknown):
        seat.session.open()
    assert [message["type"] for message in known.heard] == ["connection", "degraded"]
    assert [message["type"] for message in unknown.heard] == ["connection"]
    stage.tokens.principals["good"] = Principal("bob")
    unknown.say({"action": "authenticate", "token": "good", "id": 1})
    await rest()
    assert [message["type"] for message in unknown.heard[1:]] == ["connection", "degraded"]
    assert unknown.heard[1]["id"] == 1
