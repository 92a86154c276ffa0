"""The words of the plain protocol: what a client may send, checked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import ErrorCode, ReplyError
from hub.wire import (
    ACTIONS,
    COMMANDS,
    MAX_DEPTH,
    Authenticate,
    Command,
    Invalid,
    Ping,
    Publish,
    ReadHistory,
    ReadPresence,
    Refresh,
    SendMessage,
    Since,
    Stats,
    StopRun,
    StopSession,
    Subscribe,
    Unsubscribe,
    holds_zero,
    loads,
    parse,
)

GOOD: list[tuple[dict[str, Any], Command]] = [
    ({"action": "subscribe", "channel": "news"}, Subscribe(action="subscribe", channel="news")),
    (
        {
            "action": "subscribe",
            "channel": "news",
            "since": {"epoch": "e", "offset": 3},
            "presence": True,
            "interval_ms": 50,
            "id": 1,
        },
        Subscribe(
            action="subscribe",
            channel="news",
            since=Since(epoch="e", offset=3),
            presence=True,
            interval_ms=50,
            id=1,
        ),
    ),
    (
        {"action": "subscribe", "channel": "news", "since": {"offset": 0}},
        Subscribe(action="subscribe", channel="news", since=Since(epoch="", offset=0)),
    ),
    (
        {"action": "unsubscribe", "channel": "news", "id": "x"},
        Unsubscribe(action="unsubscribe", channel="news", id="x"),
    ),
    (
        {"action": "publish", "channel": "news", "type": "t", "data": None},
        Publish(action="publish", channel="news", type="t", data=None),
    ),
    (
        {
            "action": "publish",
            "channels": ["a", "b"],
            "type": "t",
            "data": [1],
            "key": "k",
            "idempotency_key": "i",
            "echo": False,
        },
        Publish(action="publish", channels=["a", "b"], type="t", data=[1], key="k", idempotency_key="i", echo=False),
    ),
    (
        {"action": "history", "channel": "news", "limit": 0, "reverse": True},
        ReadHistory(action="history", channel="news", limit=0, reverse=True),
    ),
    (
        {"action": "presence", "channel": "news", "members": False},
        ReadPresence(action="presence", channel="news", members=False),
    ),
    ({"action": "stats"}, Stats(action="stats")),
    ({"action": "get_stats"}, Stats(action="get_stats")),
    ({"action": "ping", "data": {"t": 1}}, Ping(action="ping", data={"t": 1})),
    ({"action": "authenticate", "token": "T"}, Authenticate(action="authenticate", token="T")),
    ({"action": "refresh", "token": "T"}, Refresh(action="refresh", token="T")),
    (
        {"action": "send_message", "session": "s", "content": "Hi", "target_agent": "coder", "if_active": "steer"},
        SendMessage(action="send_message", session="s", content="Hi", target_agent="coder", if_active="steer"),
    ),
    ({"action": "stop_run", "run": "r", "id": 1}, StopRun(action="stop_run", run="r", id=1)),
    ({"action": "stop_session", "session": "s"}, StopSession(action="stop_session", session="s")),
]

SUBSCRIBE: dict[str, Any] = {"action": "subscribe", "channel": "news"}
SEND: dict[str, Any] = {"action": "send_message", "session": "s", "content": "Hi"}
PUBLISH: dict[str, Any] = {"action": "publish", "channel": "news", "type": "t", "data": 1}

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"action": "stop_run"}, "Missing run parameter"),
    ({"action": "stop_session", "session": "s" * 65}, "session"),
    ({"action": "send_message", "session": "s"}, "Missing content parameter"),
    (SEND | {"content": " \n"}, "content"),
    (SEND | {"content": "x" * 100_001}, "content"),
    (SEND | {"session": 7}, "session"),
    (SEND | {"target_agent": ""}, "target_agent"),
    (SEND | {"if_active": "wait"}, "if_active"),
    (SEND | {"priority": 101}, "priority"),
    (SEND | {"idempotency_key": ""}, "idempotency_key"),
    (SEND | {"wait": False}, "wait: no such field"),
    ({"action": "subscribe"}, "Missing channel parameter"),
    (SUBSCRIBE | {"channel": None}, "channel"),
    (SUBSCRIBE | {"channel": 7}, "channel"),
    (SUBSCRIBE | {"channel": ["news"]}, "channel"),
    (SUBSCRIBE | {"chanel": "news"}, "chanel: no such field"),
    (SUBSCRIBE | {"since": 7}, "since"),
    (SUBSCRIBE | {"since": {}}, "Missing since.offset parameter"),
    (SUBSCRIBE | {"since": {"offset": -1}}, "since.offset"),
    (SUBSCRIBE | {"since": {"offset": 1.5}}, "since.offset"),
    (SUBSCRIBE | {"since": {"offset": "1"}}, "since.offset"),
    (SUBSCRIBE | {"since": {"offset": True}}, "since.offset"),
    (SUBSCRIBE | {"since": {"offset": 1, "epoch": "e" * 65}}, "since.epoch"),
    (SUBSCRIBE | {"since": {"offset": 1, "x": 1}}, "since.x: no such field"),
    (SUBSCRIBE | {"presence": 1}, "presence"),
    (SUBSCRIBE | {"interval_ms": -1}, "interval_ms"),
    (SUBSCRIBE | {"interval_ms": 49}, "interval_ms must be 0 or at least 50"),
    (SUBSCRIBE | {"interval_ms": 60_001}, "interval_ms"),
    (SUBSCRIBE | {"interval_ms": "100"}, "interval_ms"),
    (SUBSCRIBE | {"id": {}}, "id"),
    (SUBSCRIBE | {"id": 1.5}, "id"),
    (SUBSCRIBE | {"id": True}, "id"),
    (SUBSCRIBE | {"id": "x" * 65}, "id"),
    ({"action": "unsubscribe"}, "Missing channel parameter"),
    ({"action": "unsubscribe", "channel": 1}, "channel"),
    ({"action": "publish", "type": "t", "data": 1}, "give either channel or channels"),
    (PUBLISH | {"channels": ["a"]}, "give either channel or channels"),
    ({"action": "publish", "channels": [], "type": "t", "data": 1}, "channels"),
    ({"action": "publish", "channels": ["a"] * 101, "type": "t", "data": 1}, "channels"),
    ({"action": "publish", "channels": [1], "type": "t", "data": 1}, "channels.0"),
    ({"action": "publish", "channels": "news", "type": "t", "data": 1}, "channels"),
    (PUBLISH | {"type": ""}, "type"),
    (PUBLISH | {"type": "t" * 129}, "type"),
    (PUBLISH | {"type": 1}, "type"),
    ({"action": "publish", "channel": "news", "data": 1}, "Missing type parameter"),
    ({"action": "publish", "channel": "news", "type": "t"}, "Missing data parameter"),
    (PUBLISH | {"key": ""}, "key"),
    (PUBLISH | {"key": 1}, "key"),
    (PUBLISH | {"idempotency_key": "k" * 129}, "idempotency_key"),
    (PUBLISH | {"idempotency_key": 1}, "idempotency_key"),
    (PUBLISH | {"echo": "no"}, "echo"),
    ({"action": "history"}, "Missing channel parameter"),
    ({"action": "history", "channel": "news", "limit": -1}, "limit"),
    ({"action": "history", "channel": "news", "limit": 1001}, "limit"),
    ({"action": "history", "channel": "news", "limit": "10"}, "limit"),
    ({"action": "history", "channel": "news", "reverse": 0}, "reverse"),
    ({"action": "history", "channel": "news", "since": []}, "since"),
    ({"action": "presence"}, "Missing channel parameter"),
    ({"action": "presence", "channel": "news", "members": "yes"}, "members"),
    ({"action": "stats", "channel": "news"}, "channel: no such field"),
    ({"action": "ping", "payload": 1}, "payload: no such field"),
    ({"action": "authenticate"}, "Missing token parameter"),
    ({"action": "authenticate", "token": 1}, "token"),
    ({"action": "authenticate", "token": "T" * 16_385}, "token"),
    ({"action": "refresh"}, "Missing token parameter"),
    ({"action": "refresh", "token": None}, "token"),
]


def refusal(text: str | bytes, max_batch: int = 100) -> Invalid:
    """Parse a frame that holds one command that is refused."""
    (command,) = parse(text, max_batch)
    assert isinstance(command, Invalid), command
    return command


@pytest.mark.parametrize(("sent", "meant"), GOOD)
def test_good_commands(sent: dict[str, Any], meant: object) -> None:
    """Every command, with and without its optional fields."""
    assert parse(json.dumps(sent), 100) == [meant]
    assert parse(json.dumps(sent).encode(), 100) == [meant]


@pytest.mark.parametrize(("sent", "says"), WRONG)
def test_wrong_fields(sent: dict[str, Any], says: str) -> None:
    """A missing, wrong or unknown field is `invalid_command`, and the message names its path."""
    command = refusal(json.dumps(sent))
    assert command.code is ErrorCode.INVALID_COMMAND
    assert says in command.message
    assert command.action == sent["action"]


def test_the_character_0_is_found() -> None:
    """At any depth, in names too."""
    assert holds_zero([{"a": ["b", "c\0"]}])
    assert holds_zero({"\0": 1})
    assert not holds_zero([{"a": [0, None, "\\0", ""]}])


def test_every_command_is_in_the_tables() -> None:
    """No command is left out of the tests above."""
    assert {type(meant) for _, meant in GOOD} == set(COMMANDS)
    assert {sent["action"] for sent, _ in GOOD} == set(ACTIONS)
    assert {sent["action"] for sent, _ in WRONG} == set(ACTIONS) - {"get_stats"}


@pytest.mark.parametrize("text", ["", "{", "nul", "[1,]", '{"a":NaN}', '"\ud800"', "\ufeff{}", "1e999", '"\x01"'])
def test_what_is_not_json(text: str) -> None:
    """Anything that RFC 8259 doesn't know, and numbers that no double holds."""
    command = refusal(text)
    assert command.code is ErrorCode.INVALID_JSON
    assert command.message.startswith("Invalid JSON: ")


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("1", "a number"),
        ("1.5", "a number"),
        ('"hi"', "a string"),
        ("null", "null"),
        ("true", "a boolean"),
        ("[[]]", "an array"),
    ],
)
def test_what_is_no_object(text: str, got: str) -> None:
    """The message shows what was expected, and says what came."""
    command = refusal(text)
    assert command.code is ErrorCode.INVALID_COMMAND
    assert command.message.endswith(f"got {got}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "Missing action parameter"),
        ('{"action":null}', "expected a string in action"),
        ('{"action":[1]}', "action"),
    ],
)
def test_without_an_action(text: str, says: str) -> None:
    """`available_actions` lists what there is."""
    command = refusal(text)
    assert command.code is ErrorCode.INVALID_COMMAND
    assert says in command.message
    assert command.details["available_actions"] == list(ACTIONS)


def test_an_unknown_action() -> None:
    """It is repeated, shortened, and the known ones are listed."""
    command = refusal(json.dumps({"action": "Subscribe" + "x" * 500, "id": 3}))
    assert command.code is ErrorCode.UNKNOWN_ACTION
    assert len(command.message) < 100
    assert command.details["available_actions"] == list(ACTIONS)
    assert command.request_id == 3


@pytest.mark.parametrize("value", [0, -5, 2**63, 2**64 - 1, "", "x" * 64, "ü"])
def test_ids_come_back_even_in_errors(value: object) -> None:
    """A string of at most 64 characters or an integer."""
    assert refusal(json.dumps({"action": "subscribe", "id": value})).request_id == value


@pytest.mark.parametrize("text", ["true", "1.5", "null", "[1]", '"' + "x" * 65 + '"', "1" * 25])
def test_ids_that_are_none_are_not_repeated(text: str) -> None:
    """An id that is refused isn't echoed, nor rewritten."""
    assert refusal(f'{{"action":"subscribe","id":{text}}}').request_id is None


def test_a_batch_is_its_commands() -> None:
    """Each command of an array is checked by itself, in order."""
    first, second, third = parse('[{"action":"ping"},7,{"action":"stats","id":1}]', 3)
    assert first == Ping(action="ping")
    assert isinstance(second, Invalid)
    assert third == Stats(action="stats", id=1)


@pytest.mark.parametrize("count", [0, 4])
def test_a_batch_has_a_limit(count: int) -> None:
    """One error for the whole batch, which names the limit; an empty one is refused, too."""
    command = refusal(json.dumps([{"action": "ping"}] * count), max_batch=3)
    assert command.code is ErrorCode.INVALID_COMMAND
    assert command.details["limit"] == 3
    assert f"got {count}" in command.message


def nested(levels: int, opening: str = "[", closing: str = "]") -> str:
    """Return JSON of so many levels."""
    return opening * levels + closing * levels


def test_depth_is_bounded() -> None:
    """100 levels pass; one more, or a hundred thousand more, is `invalid_json`, and harms nobody."""
    loads(nested(MAX_DEPTH))
    for levels in (MAX_DEPTH + 1, 1_000, 100_000):
        with pytest.raises(ReplyError) as caught:
            loads(nested(levels))
        assert caught.value.code is ErrorCode.INVALID_JSON
    with pytest.raises(ReplyError):
        loads('{"a":' * 101 + "1" + "}" * 101)
    with pytest.raises(ReplyError):
        loads(nested(101).encode())


def test_brackets_alone_are_no_depth() -> None:
    """A wide value, or brackets within strings, are fine."""
    loads("[" + ",".join(["[]"] * 500) + "]")
    loads(json.dumps("[" * 500))
    loads(json.dumps([{"a": [1, {"b": None}]}] * 200))


def test_errors_repeat_little_of_what_came() -> None:
    """A megabyte of a field's name doesn't come back as a megabyte of error."""
    command = refusal(json.dumps({"action": "ping", **{f"{n}" + "x" * 100_000: 1 for n in range(10)}}))
    assert command.code is ErrorCode.INVALID_COMMAND
    assert len(command.message) < 1000
    assert refusal(json.dumps(SUBSCRIBE | {"since": "secret" * 1000})).message.count("secret") == 0


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=5) | st.dictionaries(st.text(max_size=10), children, max_size=5),
    max_leaves=20,
)


@given(st.binary() | st.text() | JSON_VALUES.map(json.dumps))
def test_anything_gives_commands_or_refusals(text: str | bytes) -> None:
    """Never an exception, never nothing."""
    commands = parse(text, 100)
    assert commands
    assert all(isinstance(command, (Invalid, *COMMANDS)) for command in commands)
