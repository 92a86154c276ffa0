"""Requests of `tocsin firewall` to a running hub, and their parameters on the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import aiohttp

from hub.cli.dial import unreachable
from hub.cli.endpoint import Endpoint, authorization
from hub.cli.exits import Exit, Failure
from hub.cli.refusal import refused_over_http

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
        url = self.endpoint.http(PATH + path)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(
                    method, url, params=query, json=body, headers=authorization(self.token), allow_redirects=False
                ) as response,
            ):
                status, content = response.status, await response.read()
        except aiohttp.ClientConnectorError as error:
            raise unreachable(self.endpoint, error.os_error) from None
        except TimeoutError:
            raise self._unanswered(f"no answer within {TIMEOUT:.0f} s") from None
        except aiohttp.ClientError as error:
            raise self._unanswered(str(error) or type(error).__name__) from None
        if not 200 <= status < 300:
            raise refused_over_http(status, content, self.endpoint.url)
        return self._read(content)

    def _unanswered(self, why: str) -> Failure:
        return Failure(Exit.UNREACHABLE, f"{self.endpoint.url}: {why}")

    def _read(self, content: bytes) -> Mapping[str, Any]:
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._unanswered("something answers there, but no hub; check --url")
        return answer


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
