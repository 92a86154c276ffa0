"""Who is at work when a process dies: told before each stage, so that the next process leaves that document out."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Guard:
    """Stands before each stage.

    Args:
        poison: documents that fail without a try, by name: a word and a sentence that say why.
        tell: is told the document's name before a stage works on it. Updates don't do: they go out from a thread of
            their own, which a crash may come before.
    """

    def __init__(self, poison: Mapping[str, tuple[str, str]], tell: Callable[[str], object]) -> None:
        self._poison = poison
        self._tell = tell

    def refuse(self, name: str) -> tuple[str, str] | None:
        """Return why a document may not be worked on; `None`: it may, and that is told."""
        if name in self._poison:
            return self._poison[name]
        self._tell(name)
        return None
