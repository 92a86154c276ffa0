"""Finds memories by their words: in PostgreSQL, ranked by how rare the words are among the agent's own memories.

What is asked is answered by a function of the database, `find_memories` (`agents.store.migrations`), from an index of
words in which each word stands with a part of its agent's id. It reads what has the question's words, and nothing else.

The score is that of BM25 (S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework", 2009) with k1 = 1.2 and
b = 0.75; a memory has a word or hasn't, how often isn't known. One that is shorter than the mean isn't better for that,
and all is divided by the most possible: with all words of the question any has the score 1.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    Float,
    Integer,
    TableValuedAlias,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    select,
)

from agents.memory.item import Filter
from agents.memory.terms import asked_terms, identifiers, weight
from agents.store.scope import Work
from agents.store.tables import memories

READ: Final = 40_000
"""Entries of the index that one search reads, shared among the question's terms."""
READ_EACH: Final = 800
"""Entries of one term, at least. A term that more memories have says little. It finds nothing by itself, but counts for
what other terms find and for the newest memories, four times as many of each as are wanted."""
_BUCKET: Final = 3
"""Hexadecimal digits of an agent's id that stand before each of its words: 4,096 parts of the index, of which a search
reads one. More would make it larger: the same word would seldom stand in it once for several agents."""


def words_value(agent: UUID, terms: list[str]) -> ColumnElement[Any]:
    """Return the value of `memories.words` for terms."""
    return func.array_to_tsvector(_given([_lexeme(agent, term) for term in terms], ARRAY(Text)))


def conditions(filter: Filter) -> list[ColumnElement[bool]]:
    """Write a filter as conditions."""
    wanted = {"kind": filter.kind, "pinned": filter.pinned, "success": filter.success}
    found: list[ColumnElement[bool]] = [
        memories.c[name] == value for name, value in wanted.items() if value is not None
    ]
    if filter.since is not None:
        found.append(memories.c.created_at >= filter.since)
    if filter.until is not None:
        found.append(memories.c.created_at <= filter.until)
    return found


async def find_by_words(work: Work, agent: UUID, query: str, filter: Filter, limit: int) -> list[tuple[UUID, float]]:
    """Return the memories that have words of a question, best first, with their score: about which part they have of
    what the question says, 1 being all of it. A rare word says more than a common one."""
    found = words_table(agent, query, filter, limit)
    rows = await work.run(select(found.c.memory_id, found.c.score).order_by(found.c.place))
    return [(row.memory_id, row.score) for row in rows]


def words_table(agent: UUID, query: str, filter: Filter, limit: int) -> TableValuedAlias:
    """Return what `find_by_words` finds, for a larger statement: `memory_id`, `score` and `place`, from 1 on. It has
    memories of the transaction's user alone."""
    terms = _queries(agent, query)
    times = DateTime(timezone=True)
    called = func.find_memories(
        _given(agent, Uuid()),
        _given(list(terms), ARRAY(Text)),
        _given([*terms.values()], ARRAY(Float)),
        _given(limit, Integer()),
        _given(max(READ_EACH, READ // max(1, len(terms))), Integer()),
        _given(filter.kind, Text()),
        _given(filter.since, times),
        _given(filter.until, times),
        _given(filter.pinned, Boolean()),
        _given(filter.success, Boolean()),
    )
    columns = (column("memory_id", Uuid), column("score", Float))
    return called.table_valued(*columns, with_ordinality="place", name="worded").render_derived()


def _given(value: Any, type: Any) -> ColumnElement[Any]:
    return cast(bindparam(None, value, type_=type), type)


def _queries(agent: UUID, query: str) -> dict[str, float]:
    """Terms as PostgreSQL's queries, with their weights. Of an identifier, the beginning will do."""
    whole = set(identifiers(query))
    return {
        _quoted(_lexeme(agent, term)) + (":*" if term in whole else ""): weight(term) for term in asked_terms(query)
    }


def _lexeme(agent: UUID, term: str) -> str:
    return agent.hex[:_BUCKET] + term


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
