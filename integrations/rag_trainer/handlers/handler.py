"""The seam of a handler, and how those of plug-ins are found."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Final, Protocol

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Item

GROUP: Final = "tocsin.rag_handlers"
"""Entry points of this group name something to call without arguments, such as a class, that gives a handler."""


class Handler(Protocol):
    """Finds what only its types of documents have."""

    @property
    def name(self) -> str:
        """For reports."""

    @property
    def types(self) -> Sequence[str]:
        """The types of documents (`DocumentType.type`) that it is for."""

    def items(self, draft: Draft) -> Sequence[Item]:
        """Return what it finds, with exact spans. The same draft gives the same items."""


class NoHandler(RuntimeError):
    """A plug-in gives no handler."""


def plugged_in(group: str = GROUP) -> tuple[Handler, ...]:
    """Return the handlers of installed packages, by the names of their entry points.

    Raises:
        NoHandler: an entry point can't be loaded or gives no handler; says which.
    """
    handlers = []
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, point.value)):
        try:
            handler: Handler = point.load()()
            complete = isinstance(handler.name, str) and bool(handler.types) and callable(handler.items)
        except Exception as error:
            raise NoHandler(f"the plug-in {point.name} ({point.value}) can't be loaded: {error}") from error
        if not complete:
            raise NoHandler(
                f"the plug-in {point.name} ({point.value}) gives no handler: expected name, types and items()"
            )
        handlers.append(handler)
    return tuple(handlers)
