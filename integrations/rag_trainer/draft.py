"""A document on its way through the stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from integrations.rag_trainer.results import Result

R = TypeVar("R", bound=Result)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is to be trained.

    Attributes:
        path: where it is.
        name: what it is called in the index: its path below the folder of the job, with `/`. One name is one document;
            the same name with other bytes replaces it.
    """

    path: Path
    name: str


@dataclass(slots=True)
class Draft:
    """A file and what the stages have made of it so far, by the type of the result: `draft[Text].text`."""

    source: Source
    results: dict[type[Result], Result] = field(default_factory=dict)

    def put(self, result: Result) -> None:
        """Add what a stage made."""
        self.results[type(result)] = result

    def __getitem__(self, kind: type[R]) -> R:
        """Return an earlier stage's result.

        Raises:
            LookupError: that stage has not run.
        """
        try:
            return cast(R, self.results[kind])
        except KeyError:
            raise LookupError(f"expected the result {kind.__name__}; its stage has not run") from None
