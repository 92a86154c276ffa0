"""Requests of `tocsin firewall` to a running hub, and their parameters on the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from hub.cli.endpoint import Endpoint
from hub.cli.exits import Exit, Failure
from hub.cli.request import object_of, request

PATH = "/api/firewall"
TIMEOUT = 30.0
"""Seconds for a whole request."""


@dataclass(frozen=True, slots=True)
class Firewall:
    """The error firewall of a hub, as an HTTP client sees it. The token is not in the `repr`."""

    endpoint: Endpoint
    token: str | None

    def __repr__(self) -> str:
        return f"Firewall({self.endpoint.url!r})"

    def get(self, path: str, **query: object) -> Mapping[str, Any]:
        """Read something; parameters that are `None` are left out.

        Raises:
            Failure: there is no answer, or it is no good one.
        """
        wanted = {name: str(value) for name, value in query.items() if value is not None}
        return asyncio.run(self._request("GET", path, wanted, None))

    def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do something; fields that are `None` are left out. Raises as `get` does."""
        given = {name: value for name, value in body.items() if value is not None}
        return asyncio.run(self._request("POST", path, {}, given))

    async def _request(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        content = await request(self.endpoint, self.token, method, PATH + path, timeout=TIMEOUT, query=query, body=body)
        return object_of(content, self.endpoint)


def values_of(option: str, arguments: Iterable[str]) -> dict[str, Any]:
    """Read `NAME=TEXT` and `NAME:=JSON`.

    Raises:
        Failure: one is neither, or a name is there twice.
    """
    values: dict[str, Any] = {}
    for argument in arguments:
        name, sign, text = argument.partition("=")
        if not sign or not name.removesuffix(":"):
            raise Failure(Exit.USAGE, f"{option}: expected NAME=TEXT or NAME:=JSON, got {argument!r}")
        value: Any = text
        if name.endswith(":"):
            name = name.removesuffix(":")
            value = _json(f"{option}: {name}", text)
        if name in values:
            raise Failure(Exit.USAGE, f"{option}: {name} is there twice")
        values[name] = value
    return values


def _json(what: str, text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Failure(Exit.USAGE, f"{what}: expected JSON: {error}; for text write = in place of :=") from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
