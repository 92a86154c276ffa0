"""What a publication must satisfy before it is published, and its conflation key."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.check import PublicationChecks, conflation_key, newest_per_key
from channels.errors import ErrorCode, ReplyError
from channels.policy import ChannelOptions
from tests.kit import ManualClock, draft, publication

BUILD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"enum": ["success", "failure"]},
        "steps": {"type": "array", "items": {"type": "object", "properties": {"a/b~c": {"type": "string"}}}},
    },
    "required": ["status"],
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def checks(clock: ManualClock) -> PublicationChecks:
    return PublicationChecks(clock)


def refusal(checks: PublicationChecks, data: object, options: ChannelOptions, channel: str = "a") -> ReplyError:
    with pytest.raises(ReplyError) as caught:
        checks.check(draft(channel, data), options)
    return caught.value


def test_without_limits_everything_passes(checks: PublicationChecks) -> None:
    """A channel's defaults refuse nothing."""
    values: list[object] = [None, 0, "text", [1], {"deep": [{}]}, "x" * 2_000_000]
    for data in values:
        checks.check(draft("a", data), ChannelOptions())


# Size.


def test_what_passes_is_counted(checks: PublicationChecks) -> None:
    """And what is refused is not."""
    for data in ("a", "b", "c" * 100):
        with suppress(ReplyError):
            checks.check(draft("c", data), ChannelOptions(max_bytes=50))
    assert checks.passed == 2


def test_data_up_to_the_limit_passes(checks: PublicationChecks) -> None:
    """The limit counts the bytes of the JSON text, quotes included."""
    checks.check(draft("a", "x" * 8), ChannelOptions(max_bytes=10))
    error = refusal(checks, "x" * 9, ChannelOptions(max_bytes=10))
    assert error.code is ErrorCode.DATA_TOO_LARGE
    assert error.message == "data is 11 bytes; a takes at most 10"
    assert error.details == {"limit": 10}


def test_bytes_are_counted_not_characters(checks: PublicationChecks) -> None:
    """Four letters of two bytes each, and the quotes."""
    checks.check(draft("a", "éééé"), ChannelOptions(max_bytes=10))
    assert refusal(checks, "ééééx", ChannelOptions(max_bytes=10)).code is ErrorCode.DATA_TOO_LARGE


# Schema.


def test_data_that_matches_the_schema_passes(checks: PublicationChecks) -> None:
    """Twice, too: the compiled schema is kept."""
    for _ in range(2):
        checks.check(draft("a", {"status": "success"}), ChannelOptions(schema=BUILD))


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({}, "/"),
        ([], "/"),
        ({"status": "done"}, "/status"),
        ({"status": "success", "steps": {}}, "/steps"),
        ({"status": "success", "steps": [{}, 5]}, "/steps/1"),
        ({"status": "success", "steps": [{}, {"a/b~c": 1}]}, "/steps/1/a~1b~0c"),
    ],
)
def test_a_mismatch_names_its_place_by_json_pointer(checks: PublicationChecks, data: object, path: str) -> None:
    """Slashes and tildes of a key are escaped as RFC 6901 says."""
    error = refusal(checks, data, ChannelOptions(schema=BUILD))
    assert error.code is ErrorCode.INVALID_DATA
    assert error.details == {"path": path}
    assert error.message.startswith(f"data{path.rstrip('/')} breaks the schema of a: ")


def test_a_complaint_does_not_repeat_a_megabyte(checks: PublicationChecks) -> None:
    """The validator quotes the wrong value; the answer stays short."""
    error = refusal(checks, {"status": ["x" * 1_000_000]}, ChannelOptions(schema=BUILD))
    assert len(error.message) < 400
    assert error.message.endswith("...")


def test_each_channels_schema_is_its_own(checks: PublicationChecks) -> None:
    """Schemas that come and go in memory are never taken for each other."""
    for kind, good, bad in (("string", "x", 1), ("integer", 1, "x"), ("null", None, 0)):
        options = ChannelOptions(schema={"type": kind})
        checks.check(draft("a", good), options)
        assert refusal(checks, bad, options).code is ErrorCode.INVALID_DATA


# Rate.


def test_a_channel_takes_one_seconds_worth_at_once(checks: PublicationChecks, clock: ManualClock) -> None:
    """Then it says when to try again, and keeps the word."""
    options = ChannelOptions(max_rate=3.0)
    for _ in range(3):
        checks.check(draft("a"), options)
    error = refusal(checks, None, options)
    assert error.code is ErrorCode.RATE_LIMITED
    assert error.code.temporary
    assert error.details == {"retry_after": 0.334}
    assert error.message == "a takes 3 publications per second; try again in 0.334 s"
    clock.advance(0.334)
    checks.check(draft("a"), options)


def test_a_rate_below_one_still_lets_one_through(checks: PublicationChecks, clock: ManualClock) -> None:
    """One every ten seconds is a rate."""
    options = ChannelOptions(max_rate=0.1)
    checks.check(draft("a"), options)
    assert refusal(checks, None, options).details == {"retry_after": 10.0}
    clock.advance(10.0)
    checks.check(draft("a"), options)


@given(st.floats(0.01, 10_000), st.lists(st.just(0.0) | st.floats(0, 2), min_size=10, max_size=50))
def test_who_waits_as_long_as_told_is_let_through(rate: float, pauses: list[float]) -> None:
    """`retry_after` is rounded up to milliseconds, never down."""
    clock = ManualClock()
    checks, options = PublicationChecks(clock), ChannelOptions(max_rate=rate)
    for pause in pauses:
        clock.advance(pause / rate)
        try:
            checks.check(draft("a"), options)
        except ReplyError as error:
            clock.advance(error.details["retry_after"])
            checks.check(draft("a"), options)


def test_channels_have_rates_of_their_own(checks: PublicationChecks) -> None:
    """A busy room doesn't use up its neighbour's."""
    options = ChannelOptions(max_rate=1.0)
    checks.check(draft("room:a"), options)
    checks.check(draft("room:b"), options)
    assert refusal(checks, None, options, "room:a").code is ErrorCode.RATE_LIMITED


def test_a_new_rate_counts_at_once(checks: PublicationChecks) -> None:
    """A configuration that was loaded again needs no restart."""
    checks.check(draft("a"), ChannelOptions(max_rate=1.0))
    assert refusal(checks, None, ChannelOptions(max_rate=1.0)).code is ErrorCode.RATE_LIMITED
    checks.check(draft("a"), ChannelOptions(max_rate=2.0))


def test_rates_of_silent_channels_are_forgotten(checks: PublicationChecks, clock: ManualClock) -> None:
    """A hundred thousand rooms that each spoke once leave no hundred thousand rates behind."""
    options = ChannelOptions(max_rate=1.0)
    for number in range(100_000):
        checks.check(draft(f"room:{number}"), options)
        clock.advance(0.01)
    assert len(checks._buckets) <= 2_048


def test_rates_that_are_in_use_are_kept(checks: PublicationChecks) -> None:
    """No flood of other channels gives a busy one a second burst."""
    options = ChannelOptions(max_rate=1.0)
    for number in range(5_000):
        checks.check(draft(f"room:{number}"), options)
    for number in range(5_000):
        assert refusal(checks, None, options, f"room:{number}").code is ErrorCode.RATE_LIMITED


def test_size_and_schema_come_before_the_rate(checks: PublicationChecks) -> None:
    """What is refused for good uses up nothing."""
    options = ChannelOptions(schema=BUILD, max_bytes=100, max_rate=1.0)
    assert refusal(checks, {"status": "x" * 100}, options).code is ErrorCode.DATA_TOO_LARGE
    assert refusal(checks, {}, options).code is ErrorCode.INVALID_DATA
    checks.check(draft("a", {"status": "success"}), options)


# Conflation.


@pytest.mark.parametrize(
    ("conflate", "key"),
    [
        ("", None),
        ("type", "resized"),
        ("key", "given"),
        ("/pool", "main"),
        ("/n", "5"),
        ("/deep/list/1", "b"),
        ("/deep", '{"list":["a","b"]}'),
        ("/none", "null"),
        ("/yes", "true"),
        ("/a~1b", "slash"),
        ("/m~0n", "tilde"),
        ("/~01", "order"),
        ("/", "empty"),
        ("/missing", None),
        ("/deep/list/2", None),
        ("/deep/list/-1", None),
        ("/deep/list/x", None),
        ("/pool/x", None),
    ],
)
def test_the_key_is_what_the_option_says(conflate: str, key: str | None) -> None:
    """The type, the publisher's key, or what a JSON pointer leads to; text as it is, anything else as JSON."""
    data = {
        "pool": "main",
        "n": 5,
        "deep": {"list": ["a", "b"]},
        "none": None,
        "yes": True,
        "a/b": "slash",
        "m~n": "tilde",
        "~1": "order",
        "": "empty",
    }
    assert conflation_key(draft("a", data, type="resized", key="given"), conflate) == key


@pytest.mark.parametrize("data", [None, 0, "text", [], {}])
def test_a_pointer_into_data_of_another_shape_gives_no_key(data: object) -> None:
    """The publication is then kept like any other."""
    assert conflation_key(draft("a", data), "/pool/name") is None


def test_without_a_publishers_key_there_is_none() -> None:
    """With `conflate: key` it is up to the publisher, each time."""
    assert conflation_key(draft("a"), "key") is None


@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=30))
def test_only_the_newest_of_each_key_stays(keys: list[str | None]) -> None:
    """In order; publications without a key all stay."""
    publications = [publication("a", number, key=key) for number, key in enumerate(keys, 1)]
    kept = newest_per_key(publications)
    assert list(kept) == [p for p in publications if p in kept]
    assert [p for p in kept if p.key is None] == [p for p in publications if p.key is None]
    for key in {"a", "b", "c"} & set(keys):
        assert [p for p in kept if p.key == key] == [[p for p in publications if p.key == key][-1]]


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_any_json_has_a_key_under_the_root_pointer_of_its_object(value: object) -> None:
    """Equal values have equal keys, whatever they are made of."""
    first, second = draft("a", {"k": value}), draft("a", {"k": orjson.loads(orjson.dumps(value))})
    key = conflation_key(first, "/k")
    assert key is not None
    assert conflation_key(second, "/k") == key
