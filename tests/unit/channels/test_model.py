"""Names, positions and the immutable values that move through the hub."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.model import (
    NAME_MAX,
    NAME_PATTERN,
    NAMESPACES,
    START,
    Channels,
    Position,
    is_name,
    namespace_of,
    user_channel,
)
from tests.kit import draft, publication

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@-"


@given(st.text(_LETTERS, min_size=1, max_size=NAME_MAX))
def test_every_text_of_the_grammar_is_a_name(text: str) -> None:
    """A name is 1 to 128 characters out of `A-Z a-z 0-9 . _ : @ -`."""
    assert is_name(text)


@given(st.text())
def test_any_other_text_is_no_name(text: str) -> None:
    """Everything else is refused, so nothing ever needs to be rewritten."""
    assert is_name(text) == (0 < len(text) <= NAME_MAX and set(text) <= set(_LETTERS))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b",
        " a",
        "a ",
        "a\n",
        "a\r\n",
        "\ta",
        "a\x00b",
        "a\x1bb",
        "a\x7fb",
        "../etc/passwd",
        "a/b",
        "a\\b",
        "a\u202eb",
        "a\u200fb",
        "a\u200bb",
        "\ufeffa",
        "<b>a</b>",
        "a%2Fb",
        "room:*",
        "é",
        "а",  # Cyrillic
        "١",  # Arabic digit one
        "a" * 129,
    ],
)
def test_bad_names(text: str) -> None:
    """Spaces, control characters, paths, marks of direction, markup, look-alikes and long names are refused."""
    assert not is_name(text)


def test_a_trailing_newline_is_seen_although_the_pattern_ends_in_a_dollar() -> None:
    """Python's `$` also matches before a last newline; the published pattern is ECMAScript's, and the check knows."""
    assert re.match(NAME_PATTERN, "name\n")
    assert not is_name("name\n")


def test_the_six_fixed_channels() -> None:
    """The constants have the documented values, and `all()` lists them in the documented order."""
    names = ["error_firewall", "vector_search", "db_pool_stats", "ai_analysis", "memory_updates", "system_alerts"]
    assert Channels.all() == names
    assert names == [
        Channels.ERROR_FIREWALL,
        Channels.VECTOR_SEARCH,
        Channels.DB_POOL_STATS,
        Channels.AI_ANALYSIS,
        Channels.MEMORY_UPDATES,
        Channels.SYSTEM_ALERTS,
    ]


def test_all_gives_a_list_of_its_own() -> None:
    """A caller that changes its list changes nobody else's."""
    Channels.all().clear()
    assert len(Channels.all()) == 6


@pytest.mark.parametrize("space", NAMESPACES)
def test_namespaced_names_split_at_the_first_colon(space: str) -> None:
    """`room:a:b` is `a:b` in the namespace `room`."""
    assert namespace_of(f"{space}:a") == (space, "a")
    assert namespace_of(f"{space}:a:b") == (space, "a:b")


@pytest.mark.parametrize(
    "channel", ["", "room", "room:", ":a", "Room:a", "rooms:a", "other:a", " room:a", "system_alerts"]
)
def test_other_names_are_in_no_namespace(channel: str) -> None:
    """An unknown prefix, another case, or nothing behind the colon is no namespace."""
    assert namespace_of(channel) is None


@pytest.mark.parametrize("rest", ["../a", "a b", "a\n", "a\u202eb", "*", "a" * 124])
def test_what_is_no_name_is_in_no_namespace(rest: str) -> None:
    """In a namespace, naming a channel is enough to make it, so what is no name must not count."""
    assert namespace_of(f"room:{rest}") is None


def test_a_users_channel_is_in_the_user_namespace() -> None:
    """`user_channel` and `namespace_of` agree."""
    assert user_channel("user_123") == "user:user_123"
    assert namespace_of(user_channel("user_123")) == ("user", "user_123")


def test_values_are_immutable() -> None:
    """What was accepted can't be changed while it is on its way."""
    for value in (draft("a"), publication("a", 1)):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, "channel", "b")  # noqa: B010 - the type checker would refuse the assignment
    with pytest.raises(AttributeError):
        setattr(Position("e", 1), "offset", 2)  # noqa: B010


def test_start_is_before_every_position() -> None:
    """Offsets start at 1, and no stream has an empty epoch."""
    assert Position("", 0) == START
