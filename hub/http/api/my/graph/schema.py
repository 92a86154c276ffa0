"""The schema, and the way of a query through it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

import strawberry
import structlog
from graphql import GraphQLError
from strawberry.extensions import AddValidationRules, MaxTokensLimiter
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionContext

from channels.errors import ErrorCode, ReplyError
from hub.http.api.my.graph.asking import Asking
from hub.http.api.my.graph.bounds import TOKENS, Bounds
from hub.http.api.my.graph.operations import Mutation, Query

log = structlog.get_logger(__name__)


class _Schema(strawberry.Schema):
    """A schema that logs nothing of what clients got wrong: an error's text may repeat what they wrote."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        return None


SCHEMA: Final = _Schema(
    Query, Mutation, extensions=[lambda: AddValidationRules([Bounds]), lambda: MaxTokensLimiter(TOKENS)]
)


def schema_text() -> str:
    """Return the schema as the GraphQL specification writes it."""
    return f"{SCHEMA.as_str()}\n"


async def execute(
    asking: Asking, query: str, variables: Mapping[str, Any] | None, operation: str | None
) -> dict[str, Any]:
    """Answer a query: `data`, and `errors` where there are some, each with a `code` among its extensions."""
    try:
        done = await SCHEMA.execute(
            query, dict(variables or {}), context_value=asking, operation_name=operation or None
        )
    except CannotGetOperationTypeError:
        return {"errors": [_refusal(ErrorCode.INVALID_DATA, "the query has no operation of that name")]}
    except RecursionError:
        return {"errors": [_refusal(ErrorCode.INVALID_DATA, _TOO_DEEP)]}
    answer: dict[str, Any] = {}
    if done.errors:
        answer["errors"] = [_failure(error) for error in done.errors]
    if done.data is not None or not done.errors or any(error.path for error in done.errors):
        answer["data"] = done.data  # absent when nothing was begun
    return answer


_TOO_DEEP: Final = "the query is nested too deeply"


def _failure(error: GraphQLError) -> dict[str, Any]:
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    place = {name: value for name, value in error.formatted.items() if name in ("locations", "path")}
    if isinstance(cause, ReplyError):
        return place | {"message": cause.message, "extensions": _extensions(cause)}
    if isinstance(cause, RecursionError):
        return _refusal(ErrorCode.INVALID_DATA, _TOO_DEEP)
    if cause is None:
        return place | _refusal(ErrorCode.INVALID_DATA, error.message)
    reference = f"g-{secrets.token_hex(8)}"
    log.error("a field of a query failed", reference=reference, exc_info=cause)
    return place | _refusal(ErrorCode.INTERNAL, f"a fault in the hub; its log has it under {reference}")


def _refusal(code: ErrorCode, message: str) -> dict[str, Any]:
    return {"message": message, "extensions": _extensions(ReplyError(code, message))}


def _extensions(error: ReplyError) -> dict[str, Any]:
    return {name: value for name, value in error.as_dict().items() if name != "message"}
