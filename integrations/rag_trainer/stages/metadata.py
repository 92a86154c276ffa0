"""Stage 8: dates, money, quantities, materials and references."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.recognition.dates import dates
from integrations.rag_trainer.recognition.designations import designations
from integrations.rag_trainer.recognition.folding import fold
from integrations.rag_trainer.recognition.materials import materials
from integrations.rag_trainer.recognition.money import sums
from integrations.rag_trainer.recognition.quantities import quantities
from integrations.rag_trainer.recognition.titles import title_of
from integrations.rag_trainer.results import Metadata, Reference, Span, Text

S = TypeVar("S", bound=Span)

MOST: Final = 1_000


class MetadataExtraction:
    """Takes out what the text says, each value with its place.

    No place is two things: a reference is found before a date, a date before money, money before materials, and these
    before quantities.

    Args:
        limit: values of each kind that are listed; what comes after them is counted, and left out.
    """

    name = "metadata extraction"
    result = Metadata

    def __init__(self, limit: int = MOST) -> None:
        self._limit = limit

    def run(self, draft: Draft) -> Metadata:
        """Take them out. Never fails; a text that says nothing of the kind gives empty lists."""
        source = draft[Text]
        text, folded = source.text, fold(source.text)
        taken = _Taken()
        references = taken.free(_references(text, folded))
        dated = taken.free(dates(text, folded))
        money = taken.free(sums(text, folded))
        named = taken.free(materials(text, folded))
        measured = taken.free(quantities(text, folded))
        kinds = (references, dated, money, named, measured)
        left_out = sum(max(0, len(kind) - self._limit) for kind in kinds)
        told = (len(dated), len(money), len(measured), len(named), len(references))
        return Metadata(
            log="{} dates, {} sums of money, {} quantities, {} materials, {} references".format(*told)
            + (f"; {left_out} beyond the limit of {self._limit} of a kind left out" if left_out else ""),
            title=title_of(source),
            dates=tuple(dated[: self._limit]),
            money=tuple(money[: self._limit]),
            quantities=tuple(measured[: self._limit]),
            materials=tuple(named[: self._limit]),
            references=tuple(references[: self._limit]),
        )


def _references(text: str, folded: str) -> Iterator[Reference]:
    for found in designations(folded):
        yield Reference(start=found.start, end=found.end, text=text[found.start : found.end], designation=found.name)


class _Taken:
    """Places that are something already."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def free(self, found: Iterable[S]) -> list[S]:
        """Return those that overlap nothing that was found before, and take their places."""
        kept = [span for span in found if self._is_free(span)]
        spans = sorted([*zip(self._starts, self._ends, strict=True), *((span.start, span.end) for span in kept)])
        self._starts, self._ends = [start for start, _ in spans], [end for _, end in spans]
        return kept

    def _is_free(self, span: Span) -> bool:
        index = bisect_right(self._starts, span.start)
        if index and self._ends[index - 1] > span.start:
            return False
        return index == len(self._starts) or self._starts[index] >= span.end
