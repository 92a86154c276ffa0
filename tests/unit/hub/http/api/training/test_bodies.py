"""What requests to the RAG trainer carry."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.http.api.training.bodies import QueryBody, TrainBody, accepted, state_of
from integrations.rag_trainer.answers import Question


@pytest.mark.parametrize("name", ["text", "question", "query"])
def test_a_question_has_three_names(name: str) -> None:
    """One of them at a time; what it makes is a question of the trainer's, with its defaults."""
    body = QueryBody.model_validate({name: "what?"})
    assert Question(**body.model_dump()) == Question(text="what?")
    with pytest.raises(ValidationError, match="give one of"):
        QueryBody.model_validate({name: "a", "text" if name != "text" else "query": "b"})


def test_a_wish_is_exact() -> None:
    """All of it is optional; unknown fields are refused."""
    assert TrainBody().files is None
    with pytest.raises(ValidationError):
        TrainBody.model_validate({"path": "/x"})


def test_a_job_is_answered_with_its_status() -> None:
    """202 when it was taken."""
    job = {
        "id": "t-1",
        "node": "n",
        "folder": "/d",
        "state": "queued",
        "cancelling": False,
        "created": "2026-01-01T00:00:00Z",
        "progress": 0.0,
        **dict.fromkeys(("files_total", "trained", "skipped", "failed", "chunks"), 0),
    }
    assert (accepted(job).http_status, state_of(job).http_status) == (202, 200)
