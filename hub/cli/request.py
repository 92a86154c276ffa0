"""One HTTP request of a command to a running hub."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from hub.cli.dial import unreachable
from hub.cli.endpoint import Endpoint, authorization
from hub.cli.exits import Exit, Failure
from hub.cli.refusal import refused_over_http


def unanswered(endpoint: Endpoint, why: str) -> Failure:
    """Return the failure that says why there is no answer."""
    return Failure(Exit.UNREACHABLE, f"{endpoint.url}: {why}")


async def request(
    endpoint: Endpoint,
    token: str | None,
    method: str,
    path: str,
    *,
    timeout: float,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    failure: Callable[[Endpoint, str], Failure] = unanswered,
) -> bytes:
    """Ask a hub; return the body of its answer.

    Args:
        timeout: seconds for the whole request.
        body: sent as JSON, unless it is `None`.
        failure: makes a `Failure` of why the answer didn't come, after the request may have been heard.

    Raises:
        Failure: nothing listens there, no answer came, or the hub refused.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout)) as session,
            session.request(
                method,
                endpoint.http(path),
                params=query,
                json=body,
                headers=authorization(token),
                allow_redirects=False,
            ) as response,
        ):
            status, content = response.status, await response.read()
    except aiohttp.ClientConnectorError as error:
        raise unreachable(endpoint, error.os_error) from None
    except TimeoutError:
        raise failure(endpoint, f"no answer within {timeout:.0f} s") from None
    except aiohttp.ClientError as error:
        raise failure(endpoint, str(error) or type(error).__name__) from None
    if not 200 <= status < 300:
        raise refused_over_http(status, content, endpoint.url)
    return content


def object_of(content: bytes, endpoint: Endpoint) -> Mapping[str, Any]:
    """Read an answer.

    Raises:
        Failure: it is no JSON object, so that no hub is there.
    """
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise unanswered(endpoint, "something answers there, but no hub; check --url")
    return answer
