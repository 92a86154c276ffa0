"""The seam of a stage, and how a stage ends a file early."""

from __future__ import annotations

from typing import Final, Protocol, TypeVar

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Result

STAGES: Final = 14

R_co = TypeVar("R_co", bound=Result, covariant=True)


class Stage(Protocol[R_co]):
    """One step that every document goes through. Has no state of a document, so one serves all documents in turn."""

    @property
    def name(self) -> str:
        """What it does, for people: lower case, without its number, such as `text extraction`."""

    @property
    def result(self) -> type[R_co]:
        """What it makes, to be read back after a restart."""

    def run(self, draft: Draft) -> R_co:
        """Do it. The same draft gives the same result.

        Raises:
            Skipped: there is nothing to do for this file; it ends here, and that is no failure.
            StageFailed: it can't be done for this file, and why. What else is raised is taken for a fault of the stage.
        """


class Skipped(Exception):
    """The file needs no further stage.

    Args:
        reason: a word for reports, such as `duplicate`.
        text: one sentence for people.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class StageFailed(Exception):
    """The file can't be trained.

    Args:
        reason: a word for reports, such as `encrypted`, `empty` or `too_large`.
        text: one sentence for people: what was expected, what came, what to do.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
