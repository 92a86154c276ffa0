"""How well memories are found: by meaning, by words, by both, and re-ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from agents.accounts.members import Members
from agents.memory.item import Filter
from agents.memory.keyword import find_by_words
from agents.memory.memory import Memory
from agents.memory.search import CANDIDATES, Search, fused_of
from agents.memory.vectors import Vectors
from agents.memory.worker import MemoryWorker
from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import user_agents
from benchmarks.agent_memory.labelled import Question, memories, questions
from channels.clock import SystemClock

K: Final = 5
WAYS: Final = ("meaning", "words", "hybrid", "re-ranked")


@dataclass(frozen=True, slots=True)
class Quality:
    """How well questions were answered.

    Attributes:
        recall: part of what answers a question that is among the first five, mean over the questions.
        mrr: mean of 1 / rank of the first that answers; 0 when none is found.
    """

    way: str
    language: str
    questions: int
    recall: float
    mrr: float


def score(way: str, language: str, rankings: Sequence[tuple[Question, Sequence[str]]]) -> Quality:
    """Measure rankings of memories' names."""
    recalls, ranks = [], []
    for question, names in rankings:
        recalls.append(len(question.answers & set(names[:K])) / len(question.answers))
        ranks.append(next((1 / rank for rank, name in enumerate(names, 1) if name in question.answers), 0.0))
    count = len(rankings)
    return Quality(way, language, count, sum(recalls) / count, sum(ranks) / count)


async def measure(database: Database, vectors: Vectors, worker: MemoryWorker) -> list[Quality]:
    """Have an agent remember the labelled memories, and ask it."""
    scope = await Members(database).scope(f"labelled-{uuid4().hex[:12]}")
    agent = uuid4()
    async with scope.begin() as work:
        await work.run(work.insert(user_agents, id=agent, name="labelled"))
    memory = Memory(vectors=vectors)
    names = {(await memory.add(scope, agent, text)).id: name for name, text in memories().items()}
    while await worker.work():
        pass
    asked = [(question, await _ways(scope, agent, vectors, question.text)) for question in questions()]
    found = []
    for way in WAYS:
        for language in ("en", "ru", "zh", "all"):
            rankings = [
                (question, [names[id] for id in ways[way]])
                for question, ways in asked
                if language in (question.language, "all")
            ]
            found.append(score(way, language, rankings))
    return found


async def _ways(scope: Scope, agent: UUID, vectors: Vectors, query: str) -> Mapping[str, list[UUID]]:
    meant = await vectors.nearest(scope.tenant(agent), query, CANDIDATES)
    async with scope.begin() as work:
        worded = await find_by_words(work, agent, query, Filter(), CANDIDATES)
    fused = fused_of(worded, meant)
    hybrid = sorted(fused, key=lambda id: (-fused[id], id))
    ranked = await Search(vectors, SystemClock()).find(scope, agent, query, Filter(), CANDIDATES)
    return {
        "meaning": [hit.memory_id for hit in meant],
        "words": [id for id, _ in worded],
        "hybrid": hybrid,
        "re-ranked": [one.item.id for one in ranked],
    }
