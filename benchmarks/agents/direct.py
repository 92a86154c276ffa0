"""What the hub itself takes of a direct call: everything between a message and its answer but the model.

A user's message is sent over HTTP, to an agent with its defaults (memory is searched before, and the exchange is kept
in it), whose model answers at once. What that model's server took, by its own clock, is taken off. The hub has a
process of its own; who asks and the model share another one. The database waits for its disk, as ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp

from benchmarks.agents.clients import PATIENCE, Answer, Client, enrol
from benchmarks.agents.figures import Spread
from benchmarks.agents.hub import Counts, options_for
from benchmarks.agents.hub_process import Subject, hub_process
from benchmarks.agents.model_double import Asked, ModelDouble, model_double
from benchmarks.agents.plans import brief
from benchmarks.agents.store import postgres
from benchmarks.processes import Failed

NAME: Final = "direct"
BUDGET_MS: Final = 60.0
"""What the hub may take of one call that comes alone, at the 95th percentile."""

CONCURRENCY: Final = (1, 10)
CALLS: Final = 200
WARM: Final = 5
"""Calls of each client before anything is measured."""
SHOWN: Final = 12
"""Statements that are told, those that take most."""


@dataclass(frozen=True, slots=True)
class Direct:
    """The hub's own part of a direct call, in milliseconds.

    Attributes:
        at_once: calls that are under way, each of another user.
        whole_p50_ms: with the model.
        before_p50_ms, after_p50_ms: until the model is asked, and from its last byte on.
        hub_cpu_ms: processor time of the hub's process for a call: what is left when nothing has to be waited for.
        trips: round trips to the database for a call, what runs in the background included.
        per_second: calls.
    """

    at_once: int
    calls: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    before_p50_ms: float
    after_p50_ms: float
    whole_p50_ms: float
    hub_cpu_ms: float
    trips: float
    per_second: float

    @property
    def within(self) -> bool:
        """Tell whether a call that comes alone keeps to the budget."""
        return self.at_once > 1 or self.p95_ms < BUDGET_MS


@dataclass(frozen=True, slots=True)
class Statement:
    """What a call asks the database.

    Attributes:
        times: for one call.
        ms: that one execution takes, as the hub sees it.
        ms_a_call: that all of a call take.
    """

    statement: str
    times: float
    ms: float
    ms_a_call: float


async def measure() -> tuple[list[Direct], list[Statement]]:
    """Measure one call at a time, and several."""
    async with postgres() as dsn, model_double() as double, hub_process(options_for(dsn) | double.options()) as hub:
        return await measured(hub, double)


async def measured(
    hub: Subject, double: ModelDouble, concurrency: Sequence[int] = CONCURRENCY, calls: int = CALLS
) -> tuple[list[Direct], list[Statement]]:
    """Measure on a hub."""
    found: list[Direct] = []
    statements: list[Statement] = []
    async with aiohttp.ClientSession(timeout=PATIENCE) as http:
        for at_once in concurrency:
            clients = [await enrol(http, hub, f"direct-{at_once}-{number}") for number in range(at_once)]
            await converse(clients, WARM)
            await hub.counts()
            answers = await converse(clients, max(1, calls // at_once))
            counts = await hub.counts()
            found.append(told(answers, double.asked, counts, at_once))
            if at_once == 1:
                statements = asked_of_the_database(counts, len(answers))
    return found, statements


async def converse(clients: Sequence[Client], calls: int, refused: list[Failed] | None = None) -> dict[str, Answer]:
    """Let each client send messages one after the other, all clients at once; return the answers by the message's last
    word.

    Args:
        refused: takes the failures of those that aren't answered; without it the first one ends all.

    Raises:
        Failed: a message isn't answered.
    """

    async def talk(client: Client) -> list[tuple[str, Answer]]:
        found = []
        for number in range(calls):
            word = f"{client.session}-{len(client.said)}"
            client.said.append(word)
            try:
                found.append((word, await client.say(f"What do you know of number {number} in {word}")))
            except Failed as failed:
                if refused is None:
                    raise
                refused.append(failed)
        return found

    return {word: answer for one in await asyncio.gather(*map(talk, clients)) for word, answer in one}


def told(answers: Mapping[str, Answer], asked: Mapping[str, Asked], counts: Counts, at_once: int) -> Direct:
    """Tell what the hub took."""
    pairs = [(answer, asked[word]) for word, answer in answers.items()]
    own = Spread.of(answer.ended - answer.began - (model.ended - model.began) for answer, model in pairs)
    before = Spread.of(model.began - answer.began for answer, model in pairs)
    after = Spread.of(answer.ended - model.ended for answer, model in pairs)
    whole = Spread.of(answer.ended - answer.began for answer, _ in pairs)
    seconds = max(answer.ended for answer, _ in pairs) - min(answer.began for answer, _ in pairs)
    number = len(pairs)
    return Direct(
        at_once,
        number,
        own.p50,
        own.p95,
        own.p99,
        before.p50,
        after.p50,
        whole.p50,
        round(1e3 * counts.cpu / number, 2),
        round(counts.trips / number, 1),
        round(number / seconds, 1),
    )


def asked_of_the_database(counts: Counts, calls: int) -> list[Statement]:
    """Tell which statements take most."""
    found = [
        Statement(
            brief(text),
            round(times / calls, 2),
            round(1e3 * counts.spent[text] / times, 2),
            round(1e3 * counts.spent[text] / calls, 2),
        )
        for text, times in counts.statements.items()
    ]
    return sorted(found, key=lambda one: -one.ms_a_call)[:SHOWN]
