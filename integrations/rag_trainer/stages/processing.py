"""Stage 10: what only this type of document has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.handlers.estimate import EstimateRows
from integrations.rag_trainer.handlers.handler import Handler
from integrations.rag_trainer.handlers.norms import NormRequirements
from integrations.rag_trainer.handlers.work_project import WorkOperations
from integrations.rag_trainer.results import DocumentType, Item, Processing, Text
from integrations.rag_trainer.stage import StageFailed


class TypeProcessing:
    """Gives a document to the handler of its type; of a type that none is for, nothing is found (`generic`).

    Args:
        handlers: beside those that come along; for a type that several are for, the last one counts. Those of installed
            packages come from `handlers.handler.plugged_in`.
        limit: items of a document at most.
    """

    name = "type-specific processing"
    result = Processing

    def __init__(self, handlers: Iterable[Handler] = (), *, limit: int = 20_000) -> None:
        own: Sequence[Handler] = (NormRequirements(), EstimateRows(), WorkOperations())
        self._handlers = {type: handler for handler in (*own, *handlers) for type in handler.types}
        self._limit = limit

    def run(self, draft: Draft) -> Processing:
        """Have it handled.

        Raises:
            StageFailed: the handler raised, or gave items that aren't in the text (`handler_failed`).
        """
        kind = draft[DocumentType].type
        handler = self._handlers.get(kind)
        if handler is None:
            return Processing(log=f"generic: no handler for the type {kind}", handler="generic")
        try:
            items = tuple(handler.items(draft))
        except Exception as error:
            raise StageFailed("handler_failed", f"the handler {handler.name} failed: {error}") from error
        _check(handler.name, items, draft[Text].text)
        kept = items[: self._limit]
        return Processing(log=_log(handler.name, kept, len(items) - len(kept)), handler=handler.name, items=kept)


def _check(handler: str, items: Sequence[Item], text: str) -> None:
    for number, item in enumerate(items):
        if text[item.start : item.end] != item.text:
            said = f"item {number} of the handler {handler} isn't what stands at {item.start} to {item.end}"
            raise StageFailed("handler_failed", f"{said}; its text must be Text.text[start:end]")


def _log(handler: str, items: Sequence[Item], more: int) -> str:
    kinds = Counter(item.kind for item in items)
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "nothing"
    return f"{handler}: {counts}" + (f"; {more} more were over the limit" if more else "")
