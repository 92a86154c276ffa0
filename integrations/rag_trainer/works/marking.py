"""From candidates to works, and from sentences to their order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from integrations.rag_trainer.results import Candidate, Structure, Work
from integrations.rag_trainer.works.finding import SectionIndex
from integrations.rag_trainer.works.naming import Key, key_of, name_of
from integrations.rag_trainer.works.relations import Mention, Relation, in_led_list, in_list, in_sentence, says_sequence
from integrations.rag_trainer.works.segments import Segment, segments


def works_of(candidates: Sequence[Candidate], limit: int) -> tuple[tuple[Work, ...], tuple[Mention, ...]]:
    """Return the works and where they are named. Candidates that are about the same are one work, which has the name
    and the place of the surest one."""
    best: dict[Key, Candidate] = {}
    for candidate in candidates:
        key = key_of(candidate.text)
        if (
            key
            and (key in best or len(best) < limit)
            and (key not in best or candidate.confidence > best[key].confidence)
        ):
            best[key] = candidate
    ids = {key: f"w{number}" for number, key in enumerate(sorted(best, key=lambda key: best[key].start), start=1)}
    works = tuple(_work(ids[key], best[key]) for key in ids)
    mentions = [
        Mention(candidate.start, candidate.end, ids[key])
        for candidate in candidates
        if (key := key_of(candidate.text)) in ids
    ]
    return works, tuple(mentions)


def relations_of(text: str, structure: Structure, mentions: Sequence[Mention]) -> Iterator[Relation]:
    """Yield what the text says about the order of the works."""
    starts = [mention.start for mention in mentions]
    index = SectionIndex(structure.sections)
    lead: Segment | None = None
    leading: Sequence[Mention] = ()
    items: list[tuple[Segment, Sequence[Mention]]] = []
    for segment in segments(text, structure.tables):
        inside = mentions[bisect_left(starts, segment.start) : bisect_left(starts, segment.end)]
        yield from in_sentence(text, segment, inside)
        if segment.marker is not None and "." not in segment.marker:
            items.append((segment, inside))
            continue
        yield from in_led_list(text, lead, leading, items)
        yield from _of_list(text, structure, index, lead, items)
        lead, leading, items = segment, inside, []
    yield from in_led_list(text, lead, leading, items)
    yield from _of_list(text, structure, index, lead, items)


def _of_list(
    text: str,
    structure: Structure,
    index: SectionIndex,
    lead: Segment | None,
    items: Sequence[tuple[Segment, Sequence[Mention]]],
) -> Iterator[Relation]:
    if len(items) > 1:
        section = index.at(items[0][0].start)
        titled = section is not None and says_sequence(structure.sections[section].title)
        yield from in_list(text, lead, items, titled=titled)


def _work(id: str, candidate: Candidate) -> Work:
    return Work(
        id=id,
        name=name_of(candidate.text),
        section=candidate.section,
        start=candidate.start,
        end=candidate.end,
        confidence=candidate.confidence,
    )
