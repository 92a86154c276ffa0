"""The vector stores of a trainer."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.rag_trainer.ports import VectorStore


@dataclass(frozen=True, slots=True)
class Stores:
    """Which stores are written beside the library, and which one is asked.

    Attributes:
        written: get every document before the library does. The embedded store isn't among them: its vectors are part
            of the library, and are written with it.
        searched: gets the questions.
        notes: for people: where the vectors are, and what is used in place of what.
    """

    written: tuple[VectorStore, ...]
    searched: VectorStore
    notes: tuple[str, ...] = ()

    def close(self) -> None:
        """Close all of them, whatever one raises; the first error comes out at the end."""
        errors: list[Exception] = []
        for store in {id(store): store for store in (*self.written, self.searched)}.values():
            try:
                store.close()
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]
