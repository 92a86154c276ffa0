"""Works that depend on each other, in an order in which they can be done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

from integrations.rag_trainer.results import Dependency, Step, Work, WorkSequence


def sequences_of(
    works: Sequence[Work], dependencies: Sequence[Dependency], days: Mapping[str, float]
) -> tuple[WorkSequence, ...]:
    """Return a sequence for each group of works that are joined by dependencies, the one with most waiting works first;
    of equals, the one that the text names first. Works that nothing joins are in none.

    Raises:
        graphlib.CycleError: the dependencies have a cycle; those of stage 7 have none.
    """
    place = {work.id: number for number, work in enumerate(works)}
    before: dict[str, set[str]] = {}
    for dependency in dependencies:
        before.setdefault(dependency.after, set()).add(dependency.before)
        before.setdefault(dependency.before, set())
    groups = _groups(before, place)
    made = [
        _sequence([works[place[id]] for id in _ordered(group, before, place)], before, place, days) for group in groups
    ]
    return tuple(sorted(made, key=lambda sequence: -sequence.priority))


def _groups(before: Mapping[str, set[str]], place: Mapping[str, int]) -> list[list[str]]:
    near: dict[str, set[str]] = defaultdict(set)
    for after, others in before.items():
        for other in others:
            near[after].add(other)
            near[other].add(after)
    groups, seen = [], set[str]()
    for id in sorted(near, key=place.__getitem__):
        if id in seen:
            continue
        seen.add(id)
        group = [id]
        for member in group:  # grows while it is walked
            more = sorted(near[member] - seen, key=place.__getitem__)
            seen.update(more)
            group.extend(more)
        groups.append(group)
    return groups


def _ordered(group: Sequence[str], before: Mapping[str, set[str]], place: Mapping[str, int]) -> list[str]:
    sorter = TopologicalSorter({id: before[id] for id in sorted(group, key=place.__getitem__)})
    sorter.prepare()
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        ordered.extend(ready)
        sorter.done(*ready)
    return ordered


def _sequence(
    works: Sequence[Work], before: Mapping[str, set[str]], place: Mapping[str, int], days: Mapping[str, float]
) -> WorkSequence:
    steps = tuple(
        Step(
            work=work.id,
            name=work.name,
            order=order,
            depends_on=tuple(sorted(before[work.id], key=place.__getitem__)),
            duration_days=days.get(work.id),
        )
        for order, work in enumerate(works, start=1)
    )
    return WorkSequence(
        name=f"{works[0].name} → {works[-1].name}",
        steps=steps,
        priority=sum(1 for step in steps if step.depends_on),
        quality=round(sum(work.confidence for work in works) / len(works), 4),
    )
