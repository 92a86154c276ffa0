"""The kinds of values that typed messages hold. How a wrong one is told stands in test_catalog.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar

import pytest
from pydantic import TypeAdapter, ValidationError

from channels.messages.fields import JSON_SAFE, Amount, Count, Line, Message, Name, Number, Text, Timestamp, Url

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Name, "größe"),
        (Name, "x" * 256),
        (Line, "x" * 1_000),
        (Text, ""),
        (Text, "two\nlines"),
        (Url, "https://ci.example/8812?tab=log"),
        (Number, -1.5),
        (Amount, 0.0),
        (Count, JSON_SAFE),
    ],
)
def test_what_is_taken(kind: Any, value: Any) -> None:
    """As it is, up to its bounds."""
    assert TypeAdapter(kind).validate_python(value) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Name, ""),
        (Name, "x" * 257),
        (Name, "a\u202eb"),
        (Name, "a\x7f"),
        (Line, "two\nlines"),
        (Line, "x" * 1_001),
        (Text, "x" * 20_001),
        (Url, "javascript:alert(1)"),
        (Url, "https://x/" + "y" * 2_048),
        (Number, float("nan")),
        (Number, float("inf")),
        (Amount, -0.1),
        (Count, -1),
        (Count, JSON_SAFE + 1),
        (Timestamp, 1_795_256_100),
        (Timestamp, "2026-11-21"),
        (Timestamp, datetime(2026, 11, 21)),  # noqa: DTZ001 - a time without a zone is the point
    ],
)
def test_what_is_refused(kind: Any, value: Any) -> None:
    """One more than the bound, signs that can't be seen, addresses that are no page's, numbers that JSON lacks."""
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    "value",
    ["2026-11-21T12:00:00Z", "2026-11-21T14:00:00+02:00", NOON, NOON.astimezone(timezone(timedelta(hours=-5)))],
    ids=str,
)
def test_times_are_kept_in_utc(value: Any) -> None:
    """Whatever zone they come in."""
    assert TypeAdapter(Timestamp).validate_python(value) == NOON
    assert TypeAdapter(Timestamp).validate_python(value).tzinfo is UTC


class Note(Message):
    """A message for this test."""

    type: ClassVar[str] = "note"

    text: Text


def test_a_message_is_exact_and_does_not_change() -> None:
    """No conversion, no field that isn't there, no change afterwards."""
    note = Note(text="x")
    assert note.version == 1
    for wrong in ({"text": 1}, {"text": "x", "more": 1}, {}):
        with pytest.raises(ValidationError):
            Note.model_validate(wrong)
    with pytest.raises(ValidationError, match="frozen"):
        note.text = "y"  # type: ignore[misc]
