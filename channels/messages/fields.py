"""The base of typed messages, and the kinds of values that their fields hold."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

VISIBLE: Final = r"^[^\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]+$"
"""No control characters, and no marks that turn the direction of writing: they make one name look like another."""

WEB: Final = r"^https?://[!-~]+$"
"""Only addresses that a page may link to: not `javascript:`."""

_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)

JSON_SAFE: Final = 2**53 - 1
"""Largest integer that every JSON reader gets right."""


def _instant(value: object) -> object:
    """Take text for a time, but no number: it doesn't say whether it counts seconds or milliseconds."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"expected a time that exists: {error}") from None
    raise ValueError("expected a time as ISO 8601 text with a zone, such as 2026-11-21T10:15:00Z")


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a time between the years 1 and 9999, in UTC") from None


Name = Annotated[str, Field(min_length=1, max_length=256, pattern=VISIBLE)]
Line = Annotated[str, Field(min_length=1, max_length=1_000, pattern=VISIBLE)]
Text = Annotated[str, Field(max_length=20_000)]
Url = Annotated[str, Field(max_length=2_048, pattern=WEB)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=JSON_SAFE)]
Timestamp = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_in_utc)]


class Message(BaseModel):
    """Base of all typed messages: immutable, exact. Wrong types are refused, not converted; unknown fields too."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: ClassVar[str]
    """The publication's `type` on the wire."""
    version: ClassVar[int] = 1
    """Version of the schema, also in its `$id`."""
