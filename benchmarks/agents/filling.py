"""Chats of many users: as many messages as wanted, with the events, runs and memories that belong to them.

Made by SQL, and put in as they would have come: all sessions grow side by side, so what belongs to one of them lies
apart in the tables. Only pieces of answers are missing, which the hub's upkeep has removed from logs of that age.
"""

from __future__ import annotations

import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import Any, Final

import asyncpg

from agents.memory.terms import kept_terms
from agents.store.database import Database

TABLES: Final = ("users", "user_agents", "chat_sessions", "messages", "tasks", "session_events", "memories")

EVENTS: Final = 6
"""Of an exchange: a message and what becomes of it."""

_SCRIPT: Final = Path(__file__).with_name("chats.sql")
_WORDS: Final = 4_000
_OFFSET: Final = 50
TEXTS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is.

    Attributes:
        users: with `sessions` each, of `messages` each, and two agents with `memories` each.
        long_messages: of one session of one more user, who has `many_sessions`, of `messages` each, beside it, 100
            agents, and `many_memories` of one of them.
    """

    users: int = 2_000
    sessions: int = 10
    messages: int = 50
    memories: int = 50
    long_messages: int = 10_000
    many_sessions: int = 1_000
    many_memories: int = 10_000

    @property
    def heavy(self) -> str:
        """The name of the user who has most."""
        return user_of(self.users + 1)


@dataclass(frozen=True, slots=True)
class Filled:
    """What there is.

    Attributes:
        megabytes: tables and indexes.
        seconds: that it took to fill them.
    """

    users: int
    sessions: int
    messages: int
    events: int
    runs: int
    memories: int
    megabytes: int
    seconds: float


def user_of(number: int) -> str:
    """Name a user, as tokens do."""
    return f"user-{number}"


async def fill(database: Database, dsn: str, sizes: Sizes, texts: int = TEXTS) -> Filled:
    """Fill empty tables (`agents.store.migrating.upgrade`), and let PostgreSQL look at what is in them."""
    began = time.perf_counter()
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"SET search_path TO {database.options.schema}, public")
        # What is made here fits together: nothing has to be checked row by row.
        await connection.execute("SET session_replication_role = replica; SET work_mem = '256MB'; SET jit = off")
        await connection.execute("SET synchronous_commit = off")
        await _put_texts(connection, texts)
        script = Template(_SCRIPT.read_text("utf-8"))
        await connection.execute(script.substitute(asdict(sizes), events=EVENTS, texts=texts))
        for table in TABLES:
            await connection.execute(f"VACUUM (ANALYZE) {table}")
        counts = [
            await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of our own
            for table in TABLES
        ]
        sized = await connection.fetchval(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname = ANY($1)", TABLES
        )
    finally:
        await connection.close()
    users, _, sessions, messages, runs, events, memories = counts
    seconds = round(time.perf_counter() - began, 1)
    return Filled(users, sessions, messages, events, runs, memories, int(sized) >> 20, seconds)


async def _put_texts(connection: Any, count: int) -> None:
    chance = random.Random(7)
    words = vocabulary(_WORDS)
    texts = [sentence(words, chance) for _ in range(count)]
    await connection.execute("CREATE TEMP TABLE own_texts (n int PRIMARY KEY, text text, words text[])")
    await connection.executemany(
        "INSERT INTO own_texts VALUES ($1, $2, $3)",
        [(number, text, kept_terms(text)) for number, text in enumerate(texts)],
    )
    await connection.execute("ANALYZE own_texts")


def vocabulary(count: int) -> list[str]:
    """Invent words: the first ones are used most."""
    chance = random.Random(11)
    syllables = [first + second for first in "bcdfghklmnprstvz" for second in "aeiou"]
    return ["".join(chance.choices(syllables, k=2 + chance.randrange(3))) for _ in range(count)]


def sentence(words: list[str], chance: random.Random) -> str:
    """Say something in 20 to 80 words, used as often as words are in texts without their function words: the most
    frequent one is in every fifth text or so (Zipf's law as B. Mandelbrot has it, 1 / (rank + 50))."""
    length = 20 + chance.randrange(61)
    ratio = len(words) / _OFFSET + 1
    return " ".join(words[int(_OFFSET * (ratio ** chance.random() - 1))] for _ in range(length)).capitalize() + "."


async def big_tables(database: Database, rows: int) -> list[str]:
    """Name the tables that have at least so many rows, as PostgreSQL knows it."""
    async with database.of_system() as connection:
        found = await connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace "
            "AND reltuples >= $1 ORDER BY relname",
            (rows,),
        )
        return [name for (name,) in found]
