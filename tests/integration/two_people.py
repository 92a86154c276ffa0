"""Two users of one hub, with agents of the same name, sessions, messages and memories. What is Ann's holds a word that
stands nowhere else; nobody but Ann may ever see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from agents.ports import Embedder
from agents.store.tables import OWNED
from tests.agents_kit import agents_hub
from tests.live import LiveHub
from tests.memory_kit import WordEmbedder

CANARY = "kanarienvogel"
PASSWORD = "correct horse battery"
WORDS = "the code of the harbour gate is"
"""What Ben asks for; only Ann's memory has the answer."""


class Answer(NamedTuple):
    """What came back. Of a stream, its first line."""

    status: int
    text: str
    media: str = ""


class Person:
    """A user who is signed in.

    Attributes:
        ids: of what is the user's, by the names that paths have for them.
        subject: `sub` of the user's tokens.
    """

    def __init__(self, live: LiveHub, http: aiohttp.ClientSession, email: str) -> None:
        self.ids: dict[str, str] = {}
        self.subject = ""
        self.live = live
        self.token = ""
        self._http = http
        self._email = email

    async def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        """Make a request."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        async with self._http.request(method, self.live.url + path, json=body, headers=headers) as response:
            whole = "ndjson" not in response.content_type or "/sse/" not in path
            content = await (response.read() if whole else response.content.readline())
            return Answer(response.status, content.decode(), response.content_type)

    async def get(self, method: str, path: str, body: Any = None) -> Any:
        """Make a request that must succeed; return its answer."""
        answer = await self.ask(method, path, body)
        assert answer.status < 300, f"{method} {path}: {answer}"
        return json.loads(answer.text) if answer.text else None

    async def register(self, name: str) -> None:
        """Make the account, and sign in."""
        body = {"email": self._email, "password": PASSWORD, "name": name}
        self._take(await self.get("POST", "/auth/register", body))

    async def sign_in(self) -> None:
        """Sign in again."""
        self._take(await self.get("POST", "/auth/login", {"email": self._email, "password": PASSWORD}))

    def _take(self, tokens: Any) -> None:
        self.token, self.subject = tokens["access_token"], tokens["user"]["subject"]

    async def settle(self, secret: str) -> None:
        """Make an agent, a session with a question and its answer, and a memory, all with a word of the user's own."""
        config = {"instructions": f"Be brief. {secret}"}
        agent = await self.get("POST", "/my/agents/", {"name": "twin", "config": config})
        session = await self.get("POST", "/my/chat/sessions/", {"title": f"about {secret}"})
        self.ids = {"agent_id": agent["id"], "session_id": session["id"]}
        memory = await self.get("POST", f"/my/agents/{agent['id']}/memories/", {"text": f"{WORDS} {secret}"})
        done = await self.get("POST", f"/my/chat/{session['id']}/message/", {"content": f"remember {secret}"})
        self.ids |= {"memory_id": memory["id"], "run_id": done["run"]["id"]}


Things = dict[str, list[str]]
"""Rows as text, by their table."""


class TwoPeople:
    """Ann, whose things hold the word, and Ben, who looks for them.

    Attributes:
        tables: in which users have rows, those of vectors included, and the column that says whose a row is.
    """

    def __init__(self, live: LiveHub, owner: asyncpg.Connection, ann: Person, ben: Person) -> None:
        self.live = live
        self.ann = ann
        self.ben = ben
        self.tables: dict[str, str] = {}
        self._owner = owner

    async def run(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement as the tables' owner."""
        return list(await self._owner.fetch(statement, *values))

    async def look(self) -> None:
        """Find the tables."""
        columns = await self.run(_COLUMNS)
        self.tables = {table: "id" if table == "users" else column for table, column in columns}
        assert set(self.tables) >= {table.name for table in OWNED}

    async def things_of(self, person: Person) -> Things:
        """All rows of a user, as text, by table; without how far the channel is, which is noted now and then."""
        parts = [
            f"SELECT '{table}', (to_jsonb({table}) - 'published_seq')::text FROM {table} WHERE {owner} = $1"  # noqa: S608
            for table, owner in self.tables.items()
        ]
        things: Things = {table: [] for table in self.tables}
        for table, row in await self.run(" UNION ALL ".join(parts) + " ORDER BY 1, 2", UUID(person.subject)):
            things[table].append(row)
        return things

    async def rest(self) -> None:
        """Wait until nothing is done in the background any more: no memory waits for its vector."""
        before: list[Any] = []
        async with asyncio.timeout(20):
            while True:
                now = [await self.things_of(person) for person in (self.ann, self.ben)]
                pending = [row for things in now for row in things["memories"] if '"pending"' in row]
                if now == before and not pending:
                    return
                before = now
                await asyncio.sleep(0.05)


def changes(before: Things, after: Things) -> list[str]:
    """Tell rows that are gone, and rows that are new."""
    return [
        f"{word} {table}: {row}"
        for table in before
        for word, some, others in (("gone from", before, after), ("new in", after, before))
        for row in some[table]
        if row not in others[table]
    ]


_COLUMNS: Final = """
    SELECT table_name, max(column_name) FROM information_schema.columns
    WHERE table_schema = 'tocsin_agents' AND (column_name IN ('user_id', 'owner_id') OR table_name = 'users')
    GROUP BY table_name
"""


@asynccontextmanager
async def two_people(dsn: str, patch: pytest.MonkeyPatch, **options: Any) -> AsyncIterator[TwoPeople]:
    """A hub with both. Its embedding model gives texts with the same words the same vector."""

    async def load() -> Embedder:
        return WordEmbedder()

    patch.setattr("hub.adapters.agents.memory.embedder_loader", lambda _options: load)
    options = {"agents__requests_per_minute": 0, "log__access": True, **options}
    async with agents_hub(dsn, **options) as live, aiohttp.ClientSession() as http:
        ann, ben = Person(live, http, f"{CANARY}@example.org"), Person(live, http, "ben@example.org")
        owner = await asyncpg.connect(dsn, server_settings={"search_path": "tocsin_agents,public"})
        try:
            await ann.register(f"Ann {CANARY}")
            await ben.register("Ben")
            await ann.settle(CANARY)
            await ben.settle("spatz")
            people = TwoPeople(live, owner, ann, ben)
            await people.look()
            await people.rest()
            yield people
        finally:
            await owner.close()
