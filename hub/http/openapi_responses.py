"""What an endpoint may answer, as it stands in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel

from channels.errors import ErrorCode
from hub.descriptions import Placed
from hub.http.api.answers import Failure, ProblemDetails
from hub.http.api.endpoint import Endpoint, Who
from hub.http.api.hooks import HookTaken
from hub.http.api.intake import JSON
from hub.http.api.my.runs import Accepted
from hub.http.errors import PROBLEM_JSON, tells_problems
from hub.schemas import reference

_ACCEPTED: Final[dict[type[BaseModel], str]] = {
    Placed: "the broker is away, and it is published when that is back (`queued`)",
    HookTaken: "nothing was to be done with it (`ignored`)",
    Accepted: "the run goes on; it wasn't waited for, or not long enough",
}
"""Answers that may have the status 202, and what that means."""

_ONLY_ACCEPTED: Final = (Accepted,)
"""Those of them that have no other."""

_USERS: Final = (Who.MEMBER, Who.FOLLOWER)


def responses_of(endpoint: Endpoint[Any, Any], errors: Iterable[ErrorCode]) -> dict[str, Any]:
    """Return the answers by their status.

    Args:
        errors: all that a request may be refused for.
    """
    status, success = _success(endpoint)
    responses = _accepted(endpoint) | {status: success}
    if endpoint.who in _USERS:
        for response in responses.values():
            response["headers"] = dict(_RATE)
    for code, errors_of_code in _by_status(errors):
        responses[str(code)] = _refusal(endpoint, code, errors_of_code)
    return responses


def _success(endpoint: Endpoint[Any, Any]) -> tuple[str, dict[str, Any]]:
    if endpoint.media:
        kinds = [kind.split(";")[0].strip() for kind in endpoint.media.split(",")]
        return "200", {"description": "text", "content": {kind: {"schema": {"type": "string"}} for kind in kinds}}
    if endpoint.answer is None:
        return "204", {"description": "done"}
    answers = [endpoint.answer, *(more for more in endpoint.more_answers if more not in _ONLY_ACCEPTED)]
    schema: dict[str, Any] = (
        {"oneOf": list(map(reference, answers))} if len(answers) > 1 else reference(endpoint.answer)
    )
    return str(endpoint.status), {"description": _first_line(endpoint.answer), "content": {JSON: {"schema": schema}}}


def _accepted(endpoint: Endpoint[Any, Any]) -> dict[str, Any]:
    for answer in (endpoint.answer, *endpoint.more_answers):
        if answer is not None and answer in _ACCEPTED:
            text = f"Accepted: {_ACCEPTED[answer]}."
            return {"202": {"description": text, "content": {JSON: {"schema": reference(answer)}}}}
    return {}


def _refusal(endpoint: Endpoint[Any, Any], status: int, codes: list[ErrorCode]) -> dict[str, Any]:
    media, model = (PROBLEM_JSON, ProblemDetails) if tells_problems(endpoint.path) else (JSON, Failure)
    response: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code.word}`' for code in codes)}",
        "content": {media: {"schema": reference(model)}},
    }
    headers = dict(_RATE) if endpoint.who in _USERS and status != 401 else {}
    if status in (429, 503):
        headers["Retry-After"] = _header("seconds, where that is known")
    return response | ({"headers": headers} if headers else {})


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "integer"}}


_RATE: Final = {
    "X-RateLimit-Limit": _header("requests that a user may make in a minute; absent without a limit"),
    "X-RateLimit-Remaining": _header("requests of them that are left"),
    "X-RateLimit-Reset": _header("seconds until all of them are there again"),
}


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").split("\n")[0]


def _by_status(codes: Iterable[ErrorCode]) -> list[tuple[int, list[ErrorCode]]]:
    found: dict[int, list[ErrorCode]] = {}
    for code in codes:
        found.setdefault(code.status, []).append(code)
    return sorted(found.items())
