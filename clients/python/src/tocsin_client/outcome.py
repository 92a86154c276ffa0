"""What `notify_channel` returns."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any, Final


class Outcome(Coroutine[Any, Any, bool]):
    """Whether a notification was taken. Need not be awaited; awaiting it, on any loop, never waits."""

    __slots__ = ("accepted",)

    def __init__(self, accepted: bool) -> None:
        self.accepted = accepted

    def __repr__(self) -> str:
        return f"Outcome({self.accepted})"

    def __bool__(self) -> bool:
        return self.accepted

    def __await__(self) -> Generator[Any, None, bool]:
        yield from ()
        return self.accepted

    def send(self, value: Any) -> Any:
        raise StopIteration(self.accepted)

    def throw(self, *exc_info: Any) -> Any:
        error = exc_info[0]
        raise error if isinstance(error, BaseException) else error()

    def close(self) -> None:
        return None


ACCEPTED: Final = Outcome(True)
REFUSED: Final = Outcome(False)
