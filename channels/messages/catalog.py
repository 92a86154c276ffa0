"""All typed messages by their names on the wire: reading them, and their schemas."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from channels.messages.analysis import (
    AnalysisCancelled,
    AnalysisCompleted,
    AnalysisFailed,
    AnalysisFinding,
    AnalysisProgress,
    AnalysisStarted,
)
from channels.messages.builds import BuildStatus, CodePush, CodeReview
from channels.messages.fields import JSON_SAFE, VISIBLE, WEB, Message
from channels.messages.firewall import (
    ErrorBlocked,
    ErrorOverridden,
    ErrorPassed,
    ErrorRecorded,
    ErrorWarned,
    SolutionConfirmed,
)
from channels.messages.hub import HubStats
from channels.messages.memory import (
    MemoryChanged,
    MemoryCounts,
    MemoryCreated,
    MemoryDeleted,
    MemoryNearlyFull,
    MemoryPruned,
)
from channels.messages.pool import PoolLeakSuspected, PoolResized, PoolStats, SlowQuery
from channels.messages.search import SearchCompleted, SearchFailed, SearchProgress
from channels.messages.system import HostStats, SystemAlert, SystemStats
from channels.messages.training import StageUpdate

_EXPECTED: Final = {
    VISIBLE: "expected text without control characters and direction marks",
    WEB: "expected an address that begins with http:// or https://",
}
"""What an error says instead of a pattern."""

_SHOWN: Final = 80
"""Characters of a wrong value that an error quotes."""

_TOLD: Final = 5
"""Wrong fields that an error lists at most."""


MESSAGES: Final[dict[str, type[Message]]] = {
    model.type: model
    for model in (
        AnalysisStarted,
        AnalysisProgress,
        AnalysisFinding,
        AnalysisCompleted,
        AnalysisFailed,
        AnalysisCancelled,
        BuildStatus,
        CodePush,
        CodeReview,
        MemoryCreated,
        MemoryChanged,
        MemoryPruned,
        MemoryNearlyFull,
        MemoryDeleted,
        MemoryCounts,
        SystemAlert,
        SystemStats,
        HostStats,
        HubStats,
        PoolResized,
        PoolStats,
        PoolLeakSuspected,
        SlowQuery,
        SearchProgress,
        SearchCompleted,
        SearchFailed,
        ErrorBlocked,
        ErrorOverridden,
        ErrorPassed,
        ErrorRecorded,
        ErrorWarned,
        SolutionConfirmed,
        StageUpdate,
    )
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
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) <= JSON_SAFE):
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
