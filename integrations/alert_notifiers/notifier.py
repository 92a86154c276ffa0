"""What a lane needs of a notifier, and how a notifier says that it failed."""

from __future__ import annotations

from typing import Protocol

from integrations.alert_notifiers.notice import Notice


class Unreachable(Exception):
    """The other side didn't take the message, and may take it later.

    Args:
        reason: what happened. Never holds a URL, a key, or what the other side said.
        retry_after: seconds that the other side asks to wait.
    """

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Refused(Exception):
    """The other side doesn't take this message, however often it is tried: a wrong key, a wrong address.

    The text holds no URL, no key, and nothing that the other side said.
    """


class Notifier(Protocol):
    """Says notices, each once."""

    @property
    def each(self) -> bool:
        """Each alert needs a message of its own, and only an alert's newest state matters: the other side opens and
        closes incidents by it."""

    async def open(self) -> None:
        """Get ready. Connects to nobody."""

    async def close(self) -> None:
        """Let go of what it holds."""

    async def send(self, notice: Notice) -> None:
        """Say it. Bounded in time by the caller, who cancels it.

        Raises:
            Unreachable: it may be tried again.
            Refused: it may not.
        """
