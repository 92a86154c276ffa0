"""Both clients chat with an agent: their examples, run as a reader runs them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import tocsin_client
from tests.agents_kit import agents_dsn, agents_template
from tests.integration.test_chat import a_chat
from tests.integration.test_js_client_examples import project, started
from tests.llm_double import says
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "project"]

EXAMPLES = Path(__file__).parents[2] / "examples"


async def test_the_examples_print_the_answer(agents_dsn: str, project: Path) -> None:
    """Over one connection each: subscribed, sent, and followed to the run's end."""
    async with a_chat(agents_dsn, says("Hello", " there")) as chat:
        asking = (chat.live.url, chat.session, "@coder Hi")
        token = chat.live.hub.authenticator.issue("alice", 60)
        python = await asyncio.create_subprocess_exec(
            *(sys.executable, str(EXAMPLES / "agent_chat.py"), *asking),
            env={"TOCSIN_TOKEN": token, "PYTHONPATH": str(Path(tocsin_client.__file__).parents[1])},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with started(project, "js_agent_chat.mjs", *asking, token=token) as node, asyncio.timeout(30):
            printed = await asyncio.gather(python.communicate(), node.communicate())
        assert list(printed) == [(b"Hello there\n", b""), (b"Hello there\n", b"")]
