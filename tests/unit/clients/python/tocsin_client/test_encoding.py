"""What may be notified."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import uuid
from typing import Any

import pytest
from pydantic import BaseModel

from tocsin_client.encoding import encode


@dataclasses.dataclass
class _Point:
    x: int
    when: datetime.date


class _Colour(enum.Enum):
    RED = "red"


class _Model(BaseModel):
    n: int
    at: datetime.datetime


class _Array:
    def tolist(self) -> list[float]:
        return [1.5]


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        ({"a": [1, 2.5, None, True, "ü"]}, {"a": [1, 2.5, None, True, "ü"]}),
        (_Point(1, datetime.date(2026, 1, 2)), {"x": 1, "when": "2026-01-02"}),
        (_Model(n=1, at=datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)), {"n": 1, "at": "2026-01-02T00:00:00Z"}),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.10"), "1.10"),
        (_Colour.RED, "red"),
        ({1}, [1]),
        (_Array(), [1.5]),
        ({1: 2}, {"1": 2}),
    ],
)
def test_values(value: Any, json_value: Any) -> None:
    """JSON, and what turns into it without a question."""
    assert json.loads(encode(value)) == json_value


def test_text_stays_text() -> None:
    """As UTF-8 and without spaces: it counts against the queue's bytes."""
    assert encode({"a": "ü", "b": 1}) == '{"a":"ü","b":1}'.encode()


def _loop() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


def _kind(value: Any) -> str:
    return type(value).__name__


@pytest.mark.parametrize("value", [object(), b"bytes", float("nan"), "\ud800", {(1, 2): 3}, _loop(), _Point], ids=_kind)
def test_what_is_none_raises(value: Any) -> None:
    """Nothing is written that a hub would refuse."""
    with pytest.raises((TypeError, ValueError)):
        encode(value)
