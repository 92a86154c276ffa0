"""A graph of works without cycles: what would close one is left out, the least sure first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from integrations.rag_trainer.works.relations import Relation


@dataclass(frozen=True, slots=True)
class Graph:
    """Relations that close no cycle, in the order of the text, and those that would."""

    kept: tuple[Relation, ...]
    dropped: tuple[Relation, ...]


def without_cycles(relations: Iterable[Relation]) -> Graph:
    """Keep, of relations between the same two works, the surest; then add them, the surest first, and drop each that
    would close a cycle. Needs time in the number of relations squared at worst, and only where there are cycles.
    """
    best: dict[tuple[str, str], Relation] = {}
    for relation in relations:
        pair = (relation.before, relation.after)
        if pair not in best or relation.confidence > best[pair].confidence:
            best[pair] = relation
    ordered = sorted(best.values(), key=lambda r: (-r.confidence, r.start, r.before, r.after))
    closing = _on_cycles(ordered)
    following: dict[str, list[str]] = defaultdict(list)
    for relation in ordered:
        if relation.before not in closing or relation.after not in closing:
            following[relation.before].append(relation.after)
    kept, dropped = [], []
    for relation in ordered:
        sure = relation.before not in closing or relation.after not in closing
        if sure or not _reaches(following, relation.after, relation.before):
            kept.append(relation)
            if not sure:
                following[relation.before].append(relation.after)
        else:
            dropped.append(relation)
    return Graph(_in_order(kept), _in_order(dropped))


def _on_cycles(relations: Sequence[Relation]) -> set[str]:
    """Return the works that may lie on a cycle: what is left when ends are taken away, from both sides."""
    edges = [(relation.before, relation.after) for relation in relations]
    left = _without_ends(edges)
    return _without_ends([(after, before) for before, after in edges if before in left and after in left])


def _without_ends(edges: Sequence[tuple[str, str]]) -> set[str]:
    following: dict[str, list[str]] = defaultdict(list)
    waiting: dict[str, int] = defaultdict(int)
    works: dict[str, None] = {}
    for before, after in edges:
        following[before].append(after)
        waiting[after] += 1
        works[before] = works[after] = None
    free = [work for work in works if not waiting[work]]
    while free:
        work = free.pop()
        del works[work]
        for after in following[work]:
            waiting[after] -= 1
            if not waiting[after]:
                free.append(after)
    return set(works)


def _reaches(following: dict[str, list[str]], start: str, goal: str) -> bool:
    seen, stack = {start}, [start]
    while stack:
        work = stack.pop()
        if work == goal:
            return True
        for after in following.get(work, ()):
            if after not in seen:
                seen.add(after)
                stack.append(after)
    return False


def _in_order(relations: list[Relation]) -> tuple[Relation, ...]:
    return tuple(sorted(relations, key=lambda r: (r.start, r.before, r.after)))
