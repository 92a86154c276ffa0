"""Questions of `tocsin ask`: to a running hub, or to a library's file.

A file is asked by a worker process, the hub's own. So the command line imports no model, and starts without the extra.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
from pydantic import ValidationError

from hub.cli.dial import unreachable
from hub.cli.endpoint import Endpoint, authorization
from hub.cli.exits import Exit, Failure
from hub.cli.refusal import refused_over_http
from hub.cli.terminal import visible
from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.asking import Asking, AskLimits, NoAnswer
from integrations.rag_trainer.child import StartChild, start
from integrations.rag_trainer.settings import options_of

PATH = "/query"
TIMEOUT = 90.0
"""Seconds for a whole answer; the first one waits for the hub's model to be loaded."""


def ask_hub(endpoint: Endpoint, token: str | None, question: Question) -> Answer:
    """Ask a hub by `POST /query`.

    Raises:
        Failure: there is no answer, or it is no good one.
    """
    return asyncio.run(_ask_hub(endpoint, token, question))


def ask_library(file: str, question: Question, start_child: StartChild = start) -> Answer:
    """Ask a library's file, with the local embedding model, in a process of its own.

    Raises:
        Failure: there is no such file, or it can't be asked.
    """
    library = Path(file).absolute()
    if not library.is_file():
        raise Failure(
            Exit.USAGE, f"--library: {visible(file)}: expected a library's file, made by `tocsin train`; none is there"
        )
    return asyncio.run(_ask_library(library, question, start_child))


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


async def _ask_library(library: Path, question: Question, start_child: StartChild) -> Answer:
    options = options_of(library.parent, norms_db=library)
    asking = Asking(lambda: options, start_child, AskLimits(timeout=TIMEOUT), time.monotonic)
    try:
        return await asking.ask(question)
    except NoAnswer as error:
        raise Failure(Exit.FAILURE, visible(f"{library}: {error}")) from None
    finally:
        await asking.stop()
