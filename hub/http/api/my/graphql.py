"""`POST /my/graphql`: the same as the endpoints below `/my`, asked for in GraphQL."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any, Final

import orjson
from aiohttp import web
from pydantic import ConfigDict, Field

from hub.descriptions import Described
from hub.http.api.bodies import Body
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.intake import JSON
from hub.http.api.my.member import member

QUERY_MAX: Final = 20_000
"""Characters of a query; variables are bounded by limits.message_bytes."""


class GraphQLBody(Body):
    """A query, or a mutation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"query": "{ agents { items { id name } } }"}]})

    query: Annotated[str, Field(min_length=1, max_length=QUERY_MAX, description="in the schema of docs/schema.graphql")]
    variables: dict[str, Any] | None = Field(None, description="its variables, by name")
    operationName: Annotated[str, Field(max_length=200)] | None = Field(  # noqa: N815 - a name of GraphQL over HTTP
        None, description="which one of several operations to run"
    )


class GraphQLError(Described):
    """What of a query was refused."""

    message: str = Field(description="what was expected, what came, what to do: for people")
    path: list[str | int] | None = Field(None, description="of the field")
    locations: list[dict[str, int]] | None = Field(None, description="where in the query: line and column, from 1")
    extensions: dict[str, Any] = Field(description="code, temporary and further members, as other answers have them")


class GraphQLAnswer(Described):
    """What came of a query. Its status is 200 also when fields were refused."""

    data: Any = Field(
        None,
        description="what was asked for, in the shape of the query; null when a refusal took it along; absent when "
        "nothing of the query was run",
        json_schema_extra={"type": ["object", "null"]},
    )
    errors: list[GraphQLError] | None = None


async def query(hub: Hub, call: Call[GraphQLBody, None]) -> web.Response:
    """Answer a query: 8 fields deep, 30 aliases, 1,000 words and brackets and 1,000 items at most. Each mutation in it
    counts as a request."""
    await member(hub, call)  # refuses who isn't a user before the query is looked at
    # Strawberry takes a third of a second to load, and few hubs are asked.
    graph = import_module("hub.http.api.my.graph.schema")
    asking = import_module("hub.http.api.my.graph.asking").Asking(hub, call)
    body = call.body
    answer = await graph.execute(asking, body.query, body.variables, body.operationName)
    return web.Response(body=orjson.dumps(answer), headers={"Content-Type": JSON, "Cache-Control": "no-store"})


ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "POST",
        "/my/graphql",
        "Ask in GraphQL",
        query,
        Who.MEMBER,
        "graphql",
        answer=GraphQLAnswer,
        body=GraphQLBody,
    ),
)
