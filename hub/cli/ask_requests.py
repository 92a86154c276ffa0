"""Questions of `tocsin ask` to a running hub."""

from __future__ import annotations

import asyncio

from pydantic import ValidationError

from hub.cli.endpoint import Endpoint
from hub.cli.request import request, unanswered
from integrations.rag_trainer.answers import Answer, Question

PATH = "/query"
TIMEOUT = 90.0
"""Seconds for a whole answer; the first one waits for the hub's model to be loaded."""


def ask_hub(endpoint: Endpoint, token: str | None, question: Question) -> Answer:
    """Ask a hub by `POST /query`.

    Raises:
        Failure: there is no answer, or it is no good one.
    """
    body = question.model_dump(mode="json")
    content = asyncio.run(request(endpoint, token, "POST", PATH, timeout=TIMEOUT, body=body))
    try:
        return Answer.model_validate_json(content)
    except ValidationError:
        raise unanswered(endpoint, "expected an answer with passages, got something else; check --url") from None
