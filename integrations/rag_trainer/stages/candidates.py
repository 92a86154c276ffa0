"""Stage 6: candidates of works, from titles, tables, lists and sentences."""

from __future__ import annotations

from collections import Counter
from itertools import chain, islice

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Candidate, Candidates, Structure, Text
from integrations.rag_trainer.works.finding import in_table, in_text, in_titles


class CandidateExtraction:
    """Finds the places that may name a work: something that is done on a site or in a project.

    Args:
        limit: candidates of a document at most; titles and tables come first. What is more is counted in the log.
        least: confidence below which a candidate is left out, from 0 to 1.
    """

    name = "candidate extraction"
    result = Candidates

    def __init__(self, *, limit: int = 20_000, least: float = 0.4) -> None:
        self._limit = limit
        self._least = least

    def run(self, draft: Draft) -> Candidates:
        """Find them; places don't overlap, and where two rules find the same place, the surer one counts."""
        text, structure = draft[Text].text, draft[Structure]
        tables = chain.from_iterable(in_table(text, table) for table in structure.tables)
        found = chain(in_titles(text, structure.sections), tables, in_text(text, structure.sections, structure.tables))
        sure = (candidate for candidate in found if candidate.confidence >= self._least)
        kept = list(islice(sure, self._limit))
        more = sum(1 for _ in sure)
        kept = _apart(kept)
        return Candidates(log=_log(kept, more), candidates=tuple(kept))


def _apart(candidates: list[Candidate]) -> list[Candidate]:
    """Return them in the order of the text, of overlapping ones the surest (of equals, the first)."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (c.start, -c.confidence, -c.end)):
        if not kept or candidate.start >= kept[-1].end:
            kept.append(candidate)
        elif candidate.confidence > kept[-1].confidence:
            kept[-1] = candidate
    return kept


def _log(candidates: list[Candidate], more: int) -> str:
    rules = Counter(candidate.rule for candidate in candidates)
    by_rule = ", ".join(
        f"{rule} {count}" for rule, count in sorted(rules.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    log = f"{len(candidates)} candidates of works" + (f" ({by_rule})" if by_rule else "")
    return log + (f"; {more} more were over the limit" if more else "")
