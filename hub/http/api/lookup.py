"""What was asked for by its id, in all processes of a hub."""

from __future__ import annotations

from typing import Any, Final

from channels.errors import ErrorCode, ReplyError
from hub.peers import Answers

_ID_SHOWN: Final = 64
"""Characters of an id that an error repeats."""


def found(answer: Any, kind: str, id: str, answers: Answers) -> Any:
    """Return an answer that there is.

    Args:
        kind: what has the id, such as `training`.

    Raises:
        ReplyError: `not_found`; or `unavailable`, when a process that may know it didn't answer.
    """
    if answer is None and answers.partial:
        missing = ", ".join(answers.missing) or "some"
        raise ReplyError(ErrorCode.UNAVAILABLE, f"no process that answered knows it; these did not: {missing}")
    if answer is None:
        raise ReplyError(ErrorCode.NOT_FOUND, f"no {kind} has the id {id[:_ID_SHOWN]}")
    return answer
