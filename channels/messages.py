"""Typed messages: what builds, reviews, alerts and the system's own numbers look like as `data`.

A message is checked when it is made, so that a wrong field is found in the code that made it and not in a dashboard.
Types that are not in `MESSAGES` stay free-form: a publisher may send any JSON under any other name. Schemas only grow:
a new optional field leaves the version as it is, anything else raises it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails

_VISIBLE: Final = r"^[^\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]+$"
"""No control characters, and no marks that turn the direction of writing: they make one name look like another."""

_WEB: Final = r"^https?://[!-~]+$"
"""Only addresses that a page may link to: not `javascript:`."""

_EXPECTED: Final = {
    _VISIBLE: "expected text without control characters and direction marks",
    _WEB: "expected an address that begins with http:// or https://",
}
"""What an error says instead of a pattern."""

_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)

_JSON_SAFE: Final = 2**53 - 1
"""Largest integer that every JSON reader gets right."""

_SHOWN: Final = 80
"""Characters of a wrong value that an error quotes."""

_TOLD: Final = 5
"""Wrong fields that an error lists at most."""


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


Name = Annotated[str, Field(min_length=1, max_length=256, pattern=_VISIBLE)]
Line = Annotated[str, Field(min_length=1, max_length=1_000, pattern=_VISIBLE)]
Text = Annotated[str, Field(max_length=20_000)]
Url = Annotated[str, Field(max_length=2_048, pattern=_WEB)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=_JSON_SAFE)]
Timestamp = Annotated[AwareDatetime, BeforeValidator(_instant), AfterValidator(_in_utc)]


class Message(BaseModel):
    """Base of all typed messages: immutable, exact. Wrong types are refused, not converted; unknown fields too."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: ClassVar[str]
    """The publication's `type` on the wire."""
    version: ClassVar[int] = 1
    """Version of the schema, also in its `$id`."""


class BuildStatus(Message):
    """A build was queued, started or ended."""

    type: ClassVar[str] = "build_status"

    build_id: Name = Field(description="the build, as its CI system names it")
    project: Name = Field(description="what is built")
    status: Literal["queued", "running", "success", "failure", "cancelled"]
    branch: Name | None = None
    commit: Name | None = Field(None, description="revision, as the version control names it")
    url: Url | None = Field(None, description="the build's log")
    duration_seconds: Amount | None = Field(None, description="seconds since the build started, so far or in all")
    message: Text | None = Field(None, description="for people, such as the reason of a failure")


class CodeReview(Message):
    """Something happened to a review."""

    type: ClassVar[str] = "code_review"

    review_id: Name = Field(description="the review, as its system names it")
    repository: Name
    title: Line | None = None
    action: Literal["requested", "commented", "approved", "changes_requested", "merged", "closed"]
    author: Name = Field(description="who wrote the change")
    reviewer: Name | None = Field(None, description="who is asked, or has spoken")
    url: Url | None = Field(None, description="the review's page")
    comment: Text | None = None


class SystemAlert(Message):
    """An alert fires, or is resolved."""

    type: ClassVar[str] = "alert"

    alert_id: Name = Field(description="the same from firing to resolved")
    name: Name = Field(description="the rule that fired")
    severity: Literal["info", "warning", "critical"]
    status: Literal["firing", "resolved"]
    summary: Line = Field(description="one line for people")
    value: Number | None = Field(None, description="what was measured")
    threshold: Number | None = Field(None, description="the bound that it crossed")
    started_at: Timestamp = Field(description="when it began to fire")
    ended_at: Timestamp | None = Field(
        None, description="when it was resolved; there exactly when status is resolved", validate_default=True
    )
    labels: dict[Name, Name] = Field(
        default_factory=dict,
        max_length=64,
        description="what tells like alerts apart",
        json_schema_extra={"additionalProperties": False},
    )

    @field_validator("ended_at", mode="after")
    @classmethod
    def _ends_when_resolved(cls, ended_at: datetime | None, info: ValidationInfo) -> datetime | None:
        status, started_at = info.data.get("status"), info.data.get("started_at")
        if status == "resolved" and ended_at is None:
            raise ValueError("expected a time, because status is resolved")
        if status == "firing" and ended_at is not None:
            raise ValueError("expected none, because status is firing")
        if ended_at is not None and started_at is not None and ended_at < started_at:
            raise ValueError("expected a time not before started_at")
        return ended_at


class SystemStats(Message):
    """The hub's own numbers, at regular intervals. A hub of several processes has one message from each."""

    type: ClassVar[str] = "system_stats"

    total_requests: Count = Field(description="HTTP requests since the start")
    successful_requests: Count = Field(description="of these, answered with a status below 400")
    failed_requests: Count = Field(description="of these, answered with a status of 400 or more, or not at all")
    avg_response_time: Amount = Field(description="mean time to an answer, in milliseconds")
    active_connections: Count = Field(description="open connections of clients")
    memory_usage: Amount = Field(description="resident memory of the process, in MB (1,000,000 bytes)")
    cpu_usage: Amount = Field(description="processor time, in % of one core: above 100 when several are in use")
    uptime: Amount = Field(description="time since the start, in seconds")
    node: Name | None = Field(None, description="the process whose numbers these are; another name at each start")


MESSAGES: Final[dict[str, type[Message]]] = {
    model.type: model for model in (BuildStatus, CodeReview, SystemAlert, SystemStats)
}
"""The typed messages, by their name on the wire."""


class InvalidMessage(ValueError):
    """Data doesn't match its type's schema.

    Attributes:
        path: JSON pointer to the first wrong field; "" is the data as a whole.
    """

    def __init__(self, type: str, error: ValidationError) -> None:
        complaints = error.errors(include_url=False)
        told = [_complaint(complaint) for complaint in complaints[:_TOLD]]
        if len(complaints) > _TOLD:
            told.append(f"and {len(complaints) - _TOLD} more")
        super().__init__(f"{type}: {'; '.join(told)}")
        self.path = _pointer(complaints[0]["loc"])


def _pointer(location: tuple[int | str, ...]) -> str:
    # A wrong key of a mapping is located as its key and then "[key]".
    parts = location[:-1] if location[-1:] == ("[key]",) else location
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _complaint(complaint: ErrorDetails) -> str:
    where = _short(_pointer(complaint["loc"]).encode("unicode_escape").decode()) or "data"
    pattern = complaint.get("ctx", {}).get("pattern", "")
    expected = _EXPECTED.get(pattern) or complaint["msg"].removeprefix("Value error, ")
    came = "" if complaint["type"] == "missing" else f"; came {_quote(complaint['input'])}"
    return f"{where}: {expected}{came}"


def _quote(value: object) -> str:
    """Show a value that may be of any size and depth."""
    if isinstance(value, str):
        return _short(ascii(value[: _SHOWN + 1]))
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) <= _JSON_SAFE):
        return repr(value)
    return f"a value of type {type(value).__name__}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def parse_message(type: str, data: object) -> Message:
    """Turn parsed JSON into a typed message.

    Raises:
        ValueError: no such type, naming those that are; or `InvalidMessage`, naming the wrong fields by their paths.
    """
    model = MESSAGES.get(type)
    if model is None:
        raise ValueError(f"expected one of the types {', '.join(MESSAGES)}; came {_quote(type)}")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InvalidMessage(type, error) from None


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (2020-12) of every typed message's `data`, by its name on the wire."""
    return {name: _schema(model) for name, model in MESSAGES.items()}


def _schema(model: type[Message]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tocsin:message:{model.type}:{model.version}",
        **model.model_json_schema(mode="validation"),
    }
