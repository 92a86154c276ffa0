"""Questions of `tocsin ask` to a running hub."""

from __future__ import annotations

import asyncio

import aiohttp
from pydantic import ValidationError

from hub.cli.dial import unreachable
from hub.cli.endpoint import Endpoint, authorization
from hub.cli.exits import Exit, Failure
from hub.cli.refusal import refused_over_http
from integrations.rag_trainer.answers import Answer, Question

PATH = "/query"
TIMEOUT = 90.0
"""Seconds for a whole answer; the first one waits for the hub's model to be loaded."""


def ask_hub(endpoint: Endpoint, token: str | None, question: Question) -> Answer:
    """Ask a hub by `POST /query`.

    Raises:
        Failure: there is no answer, or it is no good one.
    """
    return asyncio.run(_ask_hub(endpoint, token, question))


async def _ask_hub(endpoint: Endpoint, token: str | None, question: Question) -> Answer:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session,
            session.post(
                endpoint.http(PATH),
                json=question.model_dump(mode="json"),
                headers=authorization(token),
                allow_redirects=False,
            ) as response,
        ):
            status, content = response.status, await response.read()
    except aiohttp.ClientConnectorError as error:
        raise unreachable(endpoint, error.os_error) from None
    except TimeoutError:
        raise Failure(Exit.UNREACHABLE, f"{endpoint.url}: no answer within {TIMEOUT:.0f} s") from None
    except aiohttp.ClientError as error:
        raise Failure(Exit.UNREACHABLE, f"{endpoint.url}: {str(error) or type(error).__name__}") from None
    if not 200 <= status < 300:
        raise refused_over_http(status, content, endpoint.url)
    try:
        return Answer.model_validate_json(content)
    except ValidationError:
        raise Failure(
            Exit.UNREACHABLE, f"{endpoint.url}: expected an answer with passages, got something else; check --url"
        ) from None
