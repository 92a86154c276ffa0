"""Turns: what one thread at a time may use is used in the order of asking."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that is fair: of those who wait, the first is next.

    A trainer takes it for each stage and gives it back after, so a question waits for one stage and not for a job. With
    an unfair lock the trainer would mostly get it again at once.
    """

    def __init__(self) -> None:
        self._state = threading.Condition()
        self._next = 0
        self._serving = 0
        self._left: set[int] = set()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and have it."""
        with self._state:
            mine = self._next
            self._next += 1
            try:
                self._state.wait_for(lambda: self._serving == mine)
            except BaseException:
                # Interrupted: nobody may wait for who is no longer there.
                self._left.add(mine)
                self._skip_who_left()
                raise
        try:
            yield
        finally:
            with self._state:
                self._serving += 1
                self._skip_who_left()

    def _skip_who_left(self) -> None:
        while self._serving in self._left:
            self._left.remove(self._serving)
            self._serving += 1
        self._state.notify_all()
