"""Finds memories by their words: in PostgreSQL, ranked by how rare the words are among the agent's own memories."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Float, Select, Text, and_, bindparam, cast, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from agents.memory.item import Filter
from agents.memory.terms import asked_terms, identifiers, weight
from agents.store.scope import Work
from agents.store.tables import memories

_SATURATION: Final = 1.2
_LENGTH: Final = 0.75
"""k1 and b of BM25 (S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework", 2009), at their usual values;
a memory has a word or hasn't, how often isn't known. One that is shorter than the mean isn't better for that: with all
words of the question any has the score 1."""


def words_value(terms: list[str]) -> ColumnElement[Any]:
    """Return the value of `memories.words` for terms."""
    return func.array_to_tsvector(cast(terms, ARRAY(Text)))


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
    what the question says, 1 being all of it. A rare word says more than a common one.

    The cost grows with the agent's own memories, not with everybody's.
    """
    terms = _queries(query)
    if not terms:
        return []
    rows = await work.run(
        _statement(work, agent, filter, limit), {"queries": list(terms), "weights": [*terms.values()]}
    )
    return [(row.id, float(row.score)) for row in rows]


def _queries(query: str) -> dict[str, float]:
    """Terms as PostgreSQL's queries, with their weights. Of an identifier, the beginning will do."""
    whole = set(identifiers(query))
    return {_quoted(term) + (":*" if term in whole else ""): weight(term) for term in asked_terms(query)}


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def _statement(work: Work, agent: UUID, filter: Filter, limit: int) -> Select[Any]:
    queries = cast(bindparam("queries"), ARRAY(Text))
    weights = cast(bindparam("weights"), ARRAY(Float))
    any_of = cast(func.array_to_string(queries, literal("|")), TSQUERY)
    own = and_(memories.c.agent_id == agent, *conditions(filter))
    hits = (
        work.select(memories, memories.c.id, memories.c.words, memories.c.created_at)
        .where(own, memories.c.words.op("@@")(any_of))
        .cte("hits")
        .prefix_with("MATERIALIZED")
    )
    everything = select(func.count()).select_from(memories).where(work.owned(memories), own).scalar_subquery()
    mean = select(func.greatest(func.avg(func.length(hits.c.words)), 1.0)).scalar_subquery()
    asked = func.unnest(queries, weights).table_valued("query", "weight", name="asked").render_derived()
    having = (
        select(asked.c.query, hits.c.id, hits.c.created_at, func.length(hits.c.words).label("length"))
        .select_from(hits.join(asked, hits.c.words.op("@@")(cast(asked.c.query, TSQUERY))))
        .cte("having")
    )
    number = func.count(having.c.id)
    value = (asked.c.weight * func.ln(1 + (everything - number + 0.5) / (number + 0.5))).label("value")
    said = (
        select(asked.c.query, value)
        .select_from(asked.outerjoin(having, having.c.query == asked.c.query))
        .group_by(asked.c.query, asked.c.weight)
        .cte("said")
    )
    longer = 1 - _LENGTH + _LENGTH * func.greatest(having.c.length / mean, 1.0)
    score = func.sum(said.c.value * (_SATURATION + 1) / (1 + _SATURATION * longer))
    part = score / select(func.sum(said.c.value)).scalar_subquery()
    return (
        select(having.c.id, part.label("score"))
        .select_from(having.join(said, said.c.query == having.c.query))
        .group_by(having.c.id, having.c.created_at)
        .order_by(score.desc(), having.c.created_at.desc(), having.c.id)
        .limit(limit)
    )
