"""Answers, and how they become JSON."""

from __future__ import annotations

import orjson
import pytest

from hub.control import Tally
from hub.descriptions import NotPlaced, Placed, Problem, Publication
from hub.http.api.answers import (
    ChannelState,
    ConnectionState,
    Disconnected,
    HistoryPiece,
    Options,
    Results,
    encode_answer,
    whole_or_not,
)


def test_what_is_none_by_default_is_absent() -> None:
    """Also in what an answer holds."""
    placed = Placed(channel="c", subscribers=0, duplicate=False)
    refused = NotPlaced(channel="d", error=Problem(code="internal", message="m", temporary=True))
    assert orjson.loads(encode_answer(Results(results=[placed, refused]))) == {
        "results": [
            {"channel": "c", "subscribers": 0, "duplicate": False},
            {"channel": "d", "error": {"code": "internal", "message": "m", "temporary": True}},
        ]
    }


def test_what_may_be_null_is_there() -> None:
    """A required field is never left out."""
    state = ConnectionState(
        client_id="c",
        session="s",
        user=None,
        address="",
        node="n",
        transport="sse",
        channels=[],
        opened=0.0,
        queued_bytes=0,
        slow=False,
    )
    assert orjson.loads(encode_answer(state))["user"] is None


def test_a_field_has_its_name_on_the_wire() -> None:
    """Which may be one that Python's model can't have."""
    options = Options(
        history_size=1,
        history_age=1.0,
        recover=True,
        conflate="",
        has_schema=True,
        subscribe="everyone",
        publish="token",
        history="everyone",
        presence="everyone",
        max_rate=0.0,
        max_bytes=0,
    )
    state = ChannelState(channel="c", subscribers=0, options=options, schema={"type": "object"})
    answer = orjson.loads(encode_answer(state))
    assert (answer["schema"], answer.keys() & {"schema_", "epoch"}) == ({"type": "object"}, set())


def test_data_is_not_encoded_again() -> None:
    """What was published goes out as it was kept."""
    publication = Publication(
        type="t", channel="c", data=orjson.Fragment(b'{"n": 1.50}'), timestamp="2026-11-21T00:00:00Z"
    )
    piece = HistoryPiece(channel="c", publications=[publication], epoch="e", offset=1)
    assert b'"data":{"n": 1.50}' in encode_answer(piece)


def test_a_foreign_object_is_a_fault() -> None:
    """Nothing slips into an answer by accident."""
    publication = Publication(type="t", channel="c", data=object(), timestamp="")
    with pytest.raises(TypeError):
        encode_answer(publication)


def test_an_answer_says_whether_it_is_the_whole_truth() -> None:
    """Both fields are absent when it is; the names are there, though it may be none, when it isn't."""
    assert encode_answer(Disconnected(disconnected=1, **whole_or_not(Tally(1)))) == b'{"disconnected":1}'
    partial = Disconnected(disconnected=1, **whole_or_not(Tally(1, (), partial=True)))
    assert orjson.loads(encode_answer(partial)) == {"disconnected": 1, "partial": True, "missing": []}
    named = Disconnected(disconnected=1, **whole_or_not(Tally(1, ("n-1",), partial=True)))
    assert orjson.loads(encode_answer(named))["missing"] == ["n-1"]


def test_only_what_waits_for_the_broker_is_merely_accepted() -> None:
    """202 is the answer to a single publication that is queued; lists have 200."""
    queued = Placed(channel="c", subscribers=0, duplicate=False, queued=True)
    assert queued.http_status == 202
    assert Placed(channel="c", subscribers=0, duplicate=False).http_status == 200
    assert Results(results=[queued]).http_status == 200
