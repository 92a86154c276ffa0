"""Stage 11: sequences of works, in an order in which they can be done."""

from __future__ import annotations

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Candidates, Markup, Sequences, Structure, Text
from integrations.rag_trainer.works.durations import durations
from integrations.rag_trainer.works.naming import key_of
from integrations.rag_trainer.works.ordering import sequences_of
from integrations.rag_trainer.works.relations import Mention


class WorkSequences:
    """Puts works that depend on each other in order; durations are those that the text tells."""

    name = "work sequences"
    result = Sequences

    def run(self, draft: Draft) -> Sequences:
        """Put them in order."""
        markup = draft[Markup]
        text = draft[Text].text
        ids = {key_of(text[work.start : work.end]): work.id for work in markup.works}
        mentions = [
            Mention(candidate.start, candidate.end, ids[key])
            for candidate in draft[Candidates].candidates
            if (key := key_of(candidate.text)) in ids
        ]
        days = durations(text, mentions, draft[Structure].tables)
        sequences = sequences_of(markup.works, markup.dependencies, days)
        steps = [step for sequence in sequences for step in sequence.steps]
        timed = sum(1 for step in steps if step.duration_days is not None)
        log = f"{len(sequences)} sequences with {len(steps)} works, {timed} of them with a duration"
        return Sequences(log=log, sequences=sequences)
