"""Stage 7: works, what depends on what, and named things."""

from __future__ import annotations

from itertools import islice

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Candidates, Dependency, Markup, Span, Structure, Text
from integrations.rag_trainer.works.entities import entities
from integrations.rag_trainer.works.graph import without_cycles
from integrations.rag_trainer.works.marking import relations_of, works_of
from integrations.rag_trainer.works.mermaid import flowchart
from integrations.rag_trainer.works.naming import key_of
from integrations.rag_trainer.works.relations import Relation


class WorkMarkup:
    """Makes a graph without cycles of the candidates: a work that is named twice is one.

    Args:
        works, dependencies, entities: of each, at most so many; what comes later in the text is left out.
    """

    name = "markup"
    result = Markup

    def __init__(self, *, works: int = 5_000, dependencies: int = 5_000, entities: int = 5_000) -> None:
        self._works = works
        self._dependencies = dependencies
        self._entities = entities

    def run(self, draft: Draft) -> Markup:
        """Mark them up."""
        text = draft[Text].text
        candidates = draft[Candidates].candidates
        works, mentions = works_of(candidates, self._works)
        relations = relations_of(text, draft[Structure], mentions)
        graph = without_cycles(islice(relations, self._dependencies))
        dependencies = tuple(map(_dependency, graph.kept))
        named = entities(text, self._entities + 1)
        log = f"{len(works)} works, {len(dependencies)} dependencies, {len(named[: self._entities])} named things"
        if graph.dropped:
            log += f"; {len(graph.dropped)} dependencies would close a cycle and are dropped"
        if more := len({key for one in candidates if (key := key_of(one.text))}) - len(works):
            log += f"; {more} more works were over the limit"
        if next(relations, None):
            log += f"; what is said after the first {self._dependencies} dependencies is left out"
        if len(named) > self._entities:
            log += f"; what is named after the first {self._entities} things is left out"
        return Markup(
            log=log,
            works=works,
            dependencies=dependencies,
            dropped=tuple(map(_dependency, graph.dropped)),
            entities=named[: self._entities],
            mermaid=flowchart(works, dependencies),
        )


def _dependency(relation: Relation) -> Dependency:
    return Dependency(
        before=relation.before,
        after=relation.after,
        rule=relation.rule,
        evidence=Span(start=relation.start, end=relation.end),
        confidence=relation.confidence,
    )
