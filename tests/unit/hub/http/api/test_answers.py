"""Answers, and how they become JSON."""

from __future__ import annotations

import orjson
import pytest

from hub.descriptions import NotPlaced, Placed, Problem, Publication
from hub.http.api.answers import ConnectionState, HistoryPiece, Results, encode_answer


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
        client_id="c", session="s", user=None, address="", channels=[], opened=0.0, queued_bytes=0, slow=False
    )
    assert orjson.loads(encode_answer(state))["user"] is None


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
