"""What every graph store refuses before it writes."""

from __future__ import annotations

from integrations.rag_trainer.results import Markup, Sequences


def check(sequences: Sequences, markup: Markup) -> None:
    """Check that all works that are spoken of are there.

    Raises:
        ValueError: a work has the id of another, or a dependency or a step names a work that isn't in the markup.
    """
    ids = {work.id for work in markup.works}
    if len(ids) != len(markup.works):
        raise ValueError(f"expected works with ids of their own, got {len(markup.works)} works with {len(ids)} ids")
    spoken = {work for dependency in markup.dependencies for work in (dependency.before, dependency.after)}
    steps = [step for sequence in sequences.sequences for step in sequence.steps]
    spoken |= {work for step in steps for work in (step.work, *step.depends_on)}
    if unknown := sorted(spoken - ids):
        raise ValueError(f"expected works of the markup, got {len(unknown)} unknown ids, the first: {unknown[0]!r}")
