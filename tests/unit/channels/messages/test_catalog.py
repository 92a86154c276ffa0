"""Typed messages: checked when they are made, published as JSON Schema."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.messages import (
    MESSAGES,
    AnalysisCancelled,
    AnalysisCompleted,
    AnalysisFailed,
    AnalysisFinding,
    AnalysisProgress,
    AnalysisStarted,
    BuildStatus,
    CodePush,
    CodeReview,
    ErrorBlocked,
    ErrorOverridden,
    ErrorPassed,
    ErrorRecorded,
    ErrorWarned,
    HostStats,
    HubStats,
    InvalidMessage,
    MemoryChanged,
    MemoryCounts,
    MemoryCreated,
    MemoryDeleted,
    MemoryNearlyFull,
    MemoryPruned,
    Message,
    PoolLeakSuspected,
    PoolResized,
    PoolStats,
    SearchCompleted,
    SearchFailed,
    SearchProgress,
    SlowQuery,
    SolutionConfirmed,
    StageUpdate,
    SystemAlert,
    SystemStats,
    json_schemas,
    parse_message,
)
from tests.message_examples import EXAMPLES

VALIDATORS = {name: jsonschema_rs.validator_for(schema) for name, schema in json_schemas().items()}


def altered(type: str, **fields: Any) -> dict[str, Any]:
    return {**EXAMPLES[type], **fields}


def complaint(type: str, data: object) -> InvalidMessage:
    with pytest.raises(InvalidMessage) as caught:
        parse_message(type, data)
    return caught.value


def test_the_table_has_every_message_under_its_name() -> None:
    """The names on the wire."""
    expected = {
        "analysis_cancelled": AnalysisCancelled,
        "analysis_completed": AnalysisCompleted,
        "analysis_failed": AnalysisFailed,
        "analysis_finding": AnalysisFinding,
        "analysis_progress": AnalysisProgress,
        "analysis_started": AnalysisStarted,
        "build_status": BuildStatus,
        "code_push": CodePush,
        "code_review": CodeReview,
        "memory_created": MemoryCreated,
        "memory_changed": MemoryChanged,
        "memory_pruned": MemoryPruned,
        "memory_nearly_full": MemoryNearlyFull,
        "memory_deleted": MemoryDeleted,
        "memory_counts": MemoryCounts,
        "alert": SystemAlert,
        "host_stats": HostStats,
        "hub_stats": HubStats,
        "system_stats": SystemStats,
        "pool_resized": PoolResized,
        "stats_update": PoolStats,
        "pool_leak_suspected": PoolLeakSuspected,
        "slow_query": SlowQuery,
        "search_progress": SearchProgress,
        "search_completed": SearchCompleted,
        "search_failed": SearchFailed,
        "error_blocked": ErrorBlocked,
        "error_overridden": ErrorOverridden,
        "error_passed": ErrorPassed,
        "error_recorded": ErrorRecorded,
        "error_warned": ErrorWarned,
        "solution_confirmed": SolutionConfirmed,
        "stage_update": StageUpdate,
    }
    assert expected == MESSAGES
    assert set(EXAMPLES) == set(MESSAGES)
    assert all(model.type == name and model.version >= 1 for name, model in MESSAGES.items())


@pytest.mark.parametrize("type", MESSAGES)
def test_a_message_goes_out_as_it_came_in(type: str) -> None:
    """What `model_dump` gives is JSON, matches the published schema, and parses to the same message."""
    message = parse_message(type, EXAMPLES[type])
    data = message.model_dump(mode="json")
    assert data == EXAMPLES[type]
    assert parse_message(type, orjson.loads(orjson.dumps(data))) == message
    assert list(VALIDATORS[type].iter_errors(data)) == []


@pytest.mark.parametrize("type", MESSAGES)
def test_optional_fields_may_be_absent_or_null(type: str) -> None:
    """Both mean the same."""
    required = MESSAGES[type].model_json_schema()["required"]
    least = {name: EXAMPLES[type][name] for name in required}
    if type == "alert":
        least["status"] = "firing"
    message = parse_message(type, least)
    nulls = {name: value for name, value in message.model_dump(mode="json").items() if value is None}
    assert parse_message(type, {**least, **nulls}) == message
    assert list(VALIDATORS[type].iter_errors({**least, **nulls})) == []


@pytest.mark.parametrize(
    ("type", "field"), [(t, f) for t in MESSAGES for f in MESSAGES[t].model_json_schema()["required"]]
)
def test_a_missing_field_is_named(type: str, field: str) -> None:
    """By its path."""
    error = complaint(type, {name: value for name, value in EXAMPLES[type].items() if name != field})
    assert error.path == f"/{field}"
    assert str(error) == f"{type}: /{field}: Field required"


@pytest.mark.parametrize("type", MESSAGES)
def test_an_unknown_field_is_named(type: str) -> None:
    """A misspelt field can't be silently without effect."""
    error = complaint(type, altered(type, extra=1))
    assert error.path == "/extra"
    assert str(error) == f"{type}: /extra: Extra inputs are not permitted; came 1"


@pytest.mark.parametrize(
    ("type", "fields", "path", "words"),
    [
        ("build_status", {"status": "done"}, "/status", "Input should be 'queued', 'running', .*; came 'done'"),
        ("build_status", {"build_id": 8812}, "/build_id", "valid string; came 8812"),
        ("build_status", {"duration_seconds": "81.5"}, "/duration_seconds", "valid number; came '81.5'"),
        ("build_status", {"duration_seconds": True}, "/duration_seconds", "valid number; came True"),
        ("build_status", {"duration_seconds": -1}, "/duration_seconds", "greater than or equal to 0; came -1"),
        ("build_status", {"duration_seconds": float("nan")}, "/duration_seconds", "finite number; came nan"),
        ("build_status", {"duration_seconds": float("inf")}, "/duration_seconds", "finite number; came inf"),
        ("build_status", {"duration_seconds": 10**5000}, "/duration_seconds", "came a value of type int"),
        ("build_status", {"project": ""}, "/project", "at least 1 character; came ''"),
        ("build_status", {"project": "x" * 257}, "/project", r"at most 256 characters; came 'x+\.\.\."),
        ("build_status", {"project": "a\nb"}, "/project", r"without control characters .*; came 'a\\nb'"),
        ("build_status", {"project": "a\n"}, "/project", "without control characters"),
        ("build_status", {"project": "a\x00"}, "/project", "without control characters"),
        ("build_status", {"project": "\u202etxt.exe"}, "/project", r"direction marks; came '\\u202etxt.exe'"),
        ("build_status", {"project": "\ud800"}, "/project", "unicode string"),
        ("build_status", {"url": "javascript:alert(1)"}, "/url", "begins with http:// or https://"),
        ("build_status", {"url": " https://ci.example"}, "/url", "begins with http:// or https://"),
        ("build_status", {"url": "https://ci.example\n"}, "/url", "begins with http:// or https://"),
        ("code_review", {"author": ["alice"]}, "/author", "valid string; came a value of type list"),
        ("code_review", {"action": None}, "/action", "came None"),
        ("alert", {"labels": {"a/b~": 5}}, "/labels/a~1b~0", "valid string; came 5"),
        ("alert", {"labels": {"a\n": "b"}}, "/labels/a\n", r"alert: /labels/a\\n: expected text without control"),
        ("alert", {"labels": dict.fromkeys(map(str, range(65)), "v")}, "/labels", "at most 64 items"),
        ("alert", {"value": "high"}, "/value", "valid number"),
        ("alert", {"started_at": 1_795_256_100}, "/started_at", "ISO 8601 text with a zone.*; came 1795256100"),
        ("alert", {"started_at": "1795256100"}, "/started_at", "ISO 8601"),
        ("alert", {"started_at": "2026-11-21"}, "/started_at", "ISO 8601"),
        ("alert", {"started_at": "2026-11-21T10:15:00"}, "/started_at", "ISO 8601 text with a zone"),
        ("alert", {"started_at": "2026-02-30T10:15:00Z"}, "/started_at", "a time that exists"),
        ("alert", {"started_at": "0001-01-01T00:00:00+05:00"}, "/started_at", "years 1 and 9999"),
        ("alert", {"ended_at": None}, "/ended_at", "because status is resolved"),
        ("alert", {"status": "firing"}, "/ended_at", "because status is firing"),
        ("alert", {"ended_at": "2026-11-21T10:14:59Z"}, "/ended_at", "not before started_at"),
        ("system_stats", {"total_requests": 1.5}, "/total_requests", "valid integer; came 1.5"),
        ("system_stats", {"total_requests": 2**53}, "/total_requests", "came a value of type int"),
        ("system_stats", {"uptime": None}, "/uptime", "valid number; came None"),
    ],
)
def test_a_wrong_field_is_named(type: str, fields: dict[str, Any], path: str, words: str) -> None:
    """By its path, with what was expected and what came. Nothing is converted, cut or cleaned."""
    error = complaint(type, altered(type, **fields))
    assert error.path == path
    assert re.search(words, str(error))


@pytest.mark.parametrize("data", [None, 5, "text", [], [{}], b"{}", BuildStatus(**EXAMPLES["build_status"])])
def test_data_of_another_shape_is_refused_as_a_whole(data: object) -> None:
    """Another type's message, too."""
    error = complaint("alert", data)
    assert error.path == ""
    assert str(error).startswith("alert: data: Input should be a valid dictionary")


def test_an_error_stays_short_whatever_came() -> None:
    """It lists a few wrong fields and quotes the beginning of a value; depth and size can't make it fail."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    fields = {"project": "x" * 1_000_000, "build_id": deep, "status": None, "y" * 1_000_000: 1, "a": 1, "b": 2}
    error = complaint("build_status", altered("build_status", **fields))
    assert len(str(error)) < 1_000
    assert str(error).endswith("; and 1 more")
    while deep:
        deep = deep.pop()


@pytest.mark.parametrize("type", ["build_complete", "", "SystemAlert", "x" * 1_000_000])
def test_an_unknown_type_is_answered_with_those_that_are_known(type: str) -> None:
    """Types outside the table are free-form, and not parsed."""
    with pytest.raises(ValueError, match=r"expected one of the types .*build_status, .*alert, .*; came") as e:
        parse_message(type, {})
    assert len(str(e.value)) < 2_000


def test_a_message_is_parsed_already() -> None:
    """Handing one in gives the same one back."""
    message = SystemStats(**EXAMPLES["system_stats"])
    assert parse_message("system_stats", message) == message


def test_a_message_never_changes() -> None:
    """What was checked is what is sent."""
    message = BuildStatus(build_id="1", project="p", status="queued")
    with pytest.raises(ValidationError, match="frozen"):
        message.status = "success"  # type: ignore[misc]


def test_times_are_sent_in_utc() -> None:
    """Whatever zone they came in, as text or as `datetime`."""
    zone = timezone(timedelta(hours=2))
    started_at = datetime(2026, 11, 21, 12, 15, tzinfo=zone)
    alert = SystemAlert(
        alert_id="a", name="n", severity="info", status="firing", summary="s", started_at=started_at, labels={}
    )
    assert alert.started_at == datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
    assert alert.model_dump(mode="json")["started_at"] == "2026-11-21T10:15:00Z"
    data = altered("alert", started_at="2026-11-21T12:15:00+02:00")
    assert parse_message("alert", data).model_dump(mode="json")["started_at"] == "2026-11-21T10:15:00Z"
    assert complaint("alert", altered("alert", started_at=datetime(2026, 11, 21))).path == "/started_at"  # noqa: DTZ001


@pytest.mark.parametrize("type", MESSAGES)
def test_schemas_are_published(type: str) -> None:
    """Valid JSON Schema 2020-12 with the version in its id; no unknown fields; every field of the numbers explained."""
    schema = json_schemas()[type]
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:tocsin:message:{type}:{MESSAGES[type].version}"
    assert schema["additionalProperties"] is False
    assert orjson.loads(orjson.dumps(schema)) == schema


_ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    10**400,
    float("nan"),
    float("-inf"),
    "",
    "x",
    "success",
    "firing",
    "resolved",
    "critical",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "\u202e\u200f",
    "\x00",
    "\ud800",
    "2026-11-21T10:15:00Z",
    "https://example.org",
    "x" * 30_000,
    [],
    {},
    {"a": {"b": ["c"]}},
    {"\ud800": "x"},
]


def _random_message(rng: random.Random, type: str) -> Any:
    if rng.random() < 0.02:
        return rng.choice(_ODD)
    data = dict(EXAMPLES[type])
    for _ in range(rng.randrange(4)):
        field = rng.choice([*data, "unknown", "\u202e", ""]) if data else "unknown"
        match rng.randrange(3):
            case 0:
                data.pop(field, None)
            case 1:
                data[field] = rng.choice(_ODD)
            case _:
                data[field] = EXAMPLES[rng.choice([*MESSAGES])].get(field, "x")
    return data


def test_ten_thousand_random_messages() -> None:
    """Each is taken, and then matches the schema, or refused with a named place; nothing else happens."""
    rng = random.Random(4)
    taken, refused = 0, []
    for _ in range(10_000):
        type = rng.choice([*MESSAGES])
        data = _random_message(rng, type)
        try:
            message: Message = parse_message(type, data)
        except InvalidMessage as error:
            refused.append(str(error))
        else:
            taken += 1
            assert VALIDATORS[type].is_valid(message.model_dump(mode="json"))
    assert min(taken, len(refused)) > 1_000
    assert all(re.match(r"[a-z_]+: (data|/)", error) for error in refused)


@given(
    type=st.sampled_from([*MESSAGES]),
    field=st.text(),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ),
)
def test_the_schema_takes_no_less_than_the_model(type: str, field: str, value: Any) -> None:
    """A client that checks against the published schema accepts every message that the hub accepts."""
    for name in (field, *EXAMPLES[type]):
        data = altered(type, **{name: value})
        try:
            message = parse_message(type, data)
        except ValueError:
            continue
        assert VALIDATORS[type].is_valid(message.model_dump(mode="json"))
