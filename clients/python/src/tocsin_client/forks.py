"""What a forked process must forget: threads, locks and sockets that are its parent's."""

from __future__ import annotations

import os
import weakref
from typing import Final, Protocol


class Forgetful(Protocol):
    """Begins anew in a forked process."""

    def forget_parent(self) -> None: ...


_known: Final[weakref.WeakSet[Forgetful]] = weakref.WeakSet()


def survive(thing: Forgetful) -> None:
    """Have `thing.forget_parent()` called in forked processes, as long as it lives."""
    _known.add(thing)


def _forget() -> None:
    for thing in tuple(_known):
        thing.forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
