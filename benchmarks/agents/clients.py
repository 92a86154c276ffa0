"""Users with an agent and sessions, who talk to a hub over HTTP as anybody would."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from benchmarks.agents.hub_process import Subject
from benchmarks.processes import Failed

PATIENCE: Final = aiohttp.ClientTimeout(total=120)


@dataclass(frozen=True, slots=True)
class Answer:
    """A message that was answered; monotonic seconds."""

    began: float
    ended: float
    run: dict[str, Any]


class Client:
    """One user in one session.

    Attributes:
        user: as tokens name it.
        headers: with the user's token.
        session: the session's id.
        agent: the agent's id.
        said: the last words of its messages.
    """

    def __init__(self, http: aiohttp.ClientSession, url: str, user: str, token: str) -> None:
        self.user = user
        self.headers = {"Authorization": f"Bearer {token}"}
        self.session = self.agent = ""
        self.said: list[str] = []
        self._http = http
        self._url = url

    async def get(self, path: str) -> Any:
        """Get what is at a path.

        Raises:
            Failed: it isn't given.
        """
        return await self._ask("GET", path)

    async def post(self, path: str, **body: Any) -> Any:
        """Post to a path.

        Raises:
            Failed: it is refused.
        """
        return await self._ask("POST", path, body)

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        async with self._http.request(method, self._url + path, json=body, headers=self.headers) as response:
            if response.status >= 400:
                raise Failed(f"{method} {path}: {response.status} {(await response.text())[:300]}")
            return await response.json()

    async def say(self, text: str) -> Answer:
        """Send a message to the agent, and wait for the answer.

        Raises:
            Failed: there is none.
        """
        began = time.monotonic()
        told = await self.post(f"/my/chat/{self.session}/message/", content=text, target_agent=self.agent)
        ended = time.monotonic()
        if told["run"]["status"] != "completed":
            raise Failed(f"a run ended as {told['run']['status']}: {told['run']['error']}")
        return Answer(began, ended, told["run"])


async def enrol(http: aiohttp.ClientSession, hub: Subject, user: str, token: str = "") -> Client:
    """Make a user with an agent and a session; with a token, one more agent and session of a user."""
    client = Client(http, hub.url, user, token or await hub.token(user))
    agents = len((await client.get("/my/agents/"))["items"])
    client.agent = (await client.post("/my/agents/", name=f"agent-{agents}"))["id"]
    client.session = (await client.post("/my/chat/sessions/"))["id"]
    return client
