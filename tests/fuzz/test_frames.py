"""Whatever a client sends: each command gets its one answer, nobody else is disturbed, and the books stay right."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from channels.policy import ANONYMOUS, Principal
from hub.options import LimitOptions, Settings
from hub.wire import ACTIONS, parse
from tests.kit import draft, rest
from tests.unit.hub.stage import Seat, Stage, check_invariants

SECRET = "what-only-bob-may-see"

NAMES = [
    "news",
    "alerts",
    "fleeting",
    "pools",
    "keyed",
    "strict",
    "quiet",
    "room:x",
    "room:y",
    "user:alice",
    "user:bob",
]

HOSTILE_TEXT = st.sampled_from(
    [
        "",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "\u202egnp.exe",
        "\x00",
        "\x1b[2J",
        "a" * 5000,
        "user:",
        ":",
        "user:bob ",
        "USER:bob",
        "*",
        "user:*",
        "room:*",
        "news\n",
        "__proto__",
        "\u2028",
        "\U0001f514",
    ]
)

NAME = st.sampled_from(NAMES) | HOSTILE_TEXT | st.text(max_size=20)

HOSTILE_NUMBER = st.sampled_from(
    [0, -1, 1, 49, 50, 60_000, 60_001, 2**31, 2**63, 2**64 - 1, -(2**63), 0.5, 1e308, True]
)

VALUE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | HOSTILE_NUMBER | HOSTILE_TEXT | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAME, inner, max_size=4),
    max_leaves=8,
)

POSITION = st.fixed_dictionaries({}, optional={"epoch": st.sampled_from(["e1", "", "x"]) | VALUE, "offset": VALUE})

COMMAND = st.fixed_dictionaries(
    {"action": st.sampled_from(sorted(ACTIONS)) | NAME},
    optional={
        "id": VALUE,
        "channel": NAME | VALUE,
        "channels": st.lists(NAME, max_size=5) | VALUE,
        "type": st.sampled_from(["event", "error", "connection", "unsubscribed"]) | VALUE,
        "data": VALUE,
        "since": POSITION | VALUE,
        "presence": st.booleans() | VALUE,
        "interval_ms": HOSTILE_NUMBER | VALUE,
        "key": NAME | VALUE,
        "idempotency_key": NAME | VALUE,
        "echo": st.booleans() | VALUE,
        "limit": HOSTILE_NUMBER | VALUE,
        "reverse": st.booleans() | VALUE,
        "members": st.booleans() | VALUE,
        "token": NAME | VALUE,
        "unknown": VALUE,
    },
)

GOOD_COMMAND = st.one_of(
    st.fixed_dictionaries(
        {"action": st.just("subscribe"), "channel": st.sampled_from(NAMES)},
        optional={"presence": st.booleans(), "since": st.just({"offset": 0}), "interval_ms": st.just(60_000)},
    ),
    st.fixed_dictionaries({"action": st.just("unsubscribe"), "channel": st.sampled_from(NAMES)}),
    st.fixed_dictionaries(
        {"action": st.just("publish"), "channel": st.sampled_from(NAMES), "type": st.just("event"), "data": VALUE},
        optional={"echo": st.booleans(), "key": st.just("k"), "idempotency_key": st.sampled_from("ab")},
    ),
    st.fixed_dictionaries({"action": st.sampled_from(["history", "presence"]), "channel": st.sampled_from(NAMES)}),
    st.fixed_dictionaries({"action": st.sampled_from(["stats", "ping"])}),
)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Take a command's text and spoil it a little."""
    text = json.dumps(draw(COMMAND | GOOD_COMMAND)).encode()
    at = draw(st.integers(0, len(text)))
    with_what = draw(st.binary(max_size=3) | st.sampled_from([b"\xff", b'"', b"{", b"]", b"\\ud800", b"1e999", b"NaN"]))
    return text[:at] + with_what + text[at + draw(st.integers(0, 3)) :]


FRAME = st.one_of(
    st.binary(max_size=50),
    st.text(max_size=50).map(lambda text: text.encode(errors="replace")),
    broken(),
    COMMAND.map(lambda command: json.dumps(command).encode()),
    GOOD_COMMAND.map(lambda command: json.dumps(command).encode()),
    st.lists(COMMAND | GOOD_COMMAND | VALUE, max_size=6).map(lambda batch: json.dumps(batch).encode()),
)

TRAPS = [
    b'{"action":"publish","channel":"news","type":"event","data":1e999}',
    b'{"action":"publish","channel":"news","type":"event","data":' + b"9" * 400 + b"}",
    b'{"action":"publish","channel":"news","type":"event","data":"\\ud800"}',
    b'{"action":"publish","channel":"news","type":"event","data":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"action":"ping","data":' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}",
    b'{"action":"ping","action":"subscribe","channel":"user:bob"}',
    b'{"action":"subscribe","channel":"news","channel":"user:bob"}',
    b'[{"action":"ping"},[{"action":"ping"}]]',
    b"[" + b",".join([b'{"action":"ping"}'] * 101) + b"]",
    b"[]",
    b"\xef\xbb\xbf{}",
    b'{"action":"subscribe","channel":"user:bob","since":{"offset":0}}',
    b'{"action":"history","channel":"user:bob"}',
    b'{"action":"presence","channel":"user:bob"}',
    b'{"action":"publish","channel":"user:bob","type":"event","data":"forged"}',
    b'{"action":"publish","channels":["user:bob","news","room:y"],"type":"event","data":"forged"}',
    b'{"action":"authenticate","token":"bob"}',
    b'{"action":"refresh","token":"bob"}',
]


def is_publication(message: dict[str, Any]) -> bool:
    """Tell a publication, whose type may be any word, from what the hub says itself."""
    return {"type", "channel", "data", "timestamp"} <= set(message)


def is_notice(message: dict[str, Any]) -> bool:
    return message["type"] in ("presence", "position") and "status" not in message and "code" not in message


class Street:
    """Alice, who may send anything; and Bob, who minds his own business."""

    def __init__(self, who: Principal | None) -> None:
        limits = LimitOptions(commands_per_second=0, errors_per_minute=0)
        self.stage = Stage(Settings(limits=limits), max_subscriptions=6)
        self.stage.tokens.principals["bob"] = Principal("bob")
        self.alice = self.stage.seat("alice-tab", who, known=who is not None)
        self.bob = self.stage.seat("bob-tab", Principal("bob"))
        self.published = 0

    async def prepare(self) -> None:
        """Put Bob on his channels, with something private there."""
        membership = self.stage.engine.gate.membership
        await membership.add("room:x", "alice")
        await membership.add("room:y", "bob")
        for channel in ("news", "room:y", "user:bob"):
            assert (await self.bob.ask(action="subscribe", channel=channel))["type"] == "subscribe"
        await self.tell_bob()

    async def tell_bob(self) -> None:
        for channel in ("user:bob", "room:y"):
            await self.stage.engine.publish(draft(channel, SECRET))
            self.published += 1
        await rest()

    async def send(self, frame: bytes) -> None:
        """Send a frame of Alice's, and check that it is answered."""
        before = len(self.alice.heard)
        expected = len(parse(frame, self.stage.settings.limits.batch))
        was_open = self.alice.connection.is_open
        self.alice.session.receive(frame)
        await rest()
        answers = [m for m in self.alice.heard[before:] if not is_publication(m) and not is_notice(m)]
        if self.alice.connection.is_open:
            assert len(answers) == expected, (frame, answers)
        else:
            assert len(answers) <= expected if was_open else not answers

    def check(self) -> None:
        """Nobody got what is not theirs, everybody got each publication once and in order, and the books agree."""
        check_invariants(self.stage.engine.registry)
        assert SECRET.encode() not in b"".join(self.alice.connection.transport.writes)
        theirs = [message for message in self.bob.heard if not is_publication(message)]
        assert [message["type"] for message in theirs] == ["subscribe"] * 3
        got = [message for message in self.bob.heard if is_publication(message)]
        assert {message["channel"] for message in got} <= {"news", "room:y", "user:bob"}
        assert [m["data"] for m in got if m["channel"] != "news"] == [SECRET] * self.published
        for seat in (self.alice, self.bob):
            check_order(seat)
        assert "internal" not in self.stage.errors

    async def leave(self) -> None:
        """Let both go; nothing is left of them."""
        run = asyncio.create_task(self.stage.engine.run())
        for seat in (self.alice, self.bob):
            self.stage.lose(seat)
        await rest()
        run.cancel()
        with suppress(asyncio.CancelledError):
            await run
        assert len(self.stage.engine.registry) == 0
        assert self.stage.engine._followed == set()
        assert self.stage.broker._followed == set()
        assert self.stage.tasks == set()


def check_order(seat: Seat) -> None:
    """Offsets rise within each subscription."""
    at: dict[str, int] = {}
    for message in seat.heard:
        channel = str(message.get("channel"))
        if message["type"] == "subscribe" and message.get("status") == "success" and "data" not in message:
            at.pop(channel, None)
        elif (is_publication(message) or message["type"] == "position") and "offset" in message:
            assert message["offset"] > at.get(channel, 0), message
            at[channel] = message["offset"]


async def walk(who: Principal | None, frames: list[bytes]) -> None:
    street = Street(who)
    await street.prepare()
    for frame in frames:
        await street.send(frame)
        street.check()
    await street.tell_bob()
    street.check()
    await street.leave()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(who=Principal("alice"), frames=TRAPS)
@example(who=None, frames=TRAPS)
@example(who=ANONYMOUS, frames=TRAPS)
@given(
    who=st.sampled_from(
        [Principal("alice"), Principal("alice", capabilities={"publish": ("alerts", "user:alice")}), ANONYMOUS]
    ),
    frames=st.lists(FRAME, min_size=1, max_size=12),
)
def test_any_frames_of_one_client(who: Principal | None, frames: list[bytes]) -> None:
    """Raw bytes, near-JSON, commands with hostile values: answered, and felt by nobody else."""
    asyncio.run(walk(who, frames))


@settings(max_examples=60, deadline=None)
@given(frames=st.lists(FRAME, min_size=1, max_size=8))
def test_any_frames_of_a_stranger(frames: list[bytes]) -> None:
    """Who has not authenticated reaches nothing at all."""

    async def knock() -> None:
        street = Street(None)
        await street.prepare()
        books = street.stage.engine.registry.counts()
        for frame in frames:
            if b"authenticate" in frame:
                continue
            await street.send(frame)
            street.check()
        assert street.stage.engine.registry.counts() == books
        assert not any(is_publication(message) for message in street.alice.heard)
        assert not any(m["channel"] == "news" for m in street.bob.heard if is_publication(m))

    asyncio.run(knock())


@settings(max_examples=60, deadline=None)
@given(frames=st.lists(FRAME, min_size=1, max_size=40))
def test_limits_hold_whatever_is_sent(frames: list[bytes]) -> None:
    """With limits on, a client is answered, refused or closed; never more."""

    async def flood() -> None:
        limits = LimitOptions(commands_per_second=1, command_burst=5, errors_per_minute=10, batch=3)
        seat = Stage(Settings(limits=limits)).seat("tab", Principal("alice"))
        for frame in frames:
            seat.session.receive(frame)
        await rest()
        errors = [message for message in seat.heard if message["type"] == "error" and not is_publication(message)]
        answers = [m for m in seat.heard if not is_publication(m) and not is_notice(m) and m not in errors]
        assert len(errors) <= 11
        assert len(answers) <= 5
        assert (seat.connection.closed is not None) == (len(errors) == 11)

    asyncio.run(flood())
