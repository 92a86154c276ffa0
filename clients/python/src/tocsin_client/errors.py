"""What can go wrong, as exceptions: everything that this package raises is a `HubError`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class HubError(Exception):
    """The hub refused something, or couldn't be asked.

    Attributes:
        code: a word of the protocol such as `unknown_channel`, or `unreachable`, `timeout`, `closed`.
        message: for people.
        temporary: the same may succeed later.
        details: what else the hub said, such as `available_channels`.
    """

    def __init__(
        self, code: str, message: str, *, temporary: bool = False, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.temporary = temporary
        self.details: Mapping[str, Any] = dict(details or {})

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the hub would like to be asked again; `None` when it named none."""
        seconds = self.details.get("retry_after")
        return float(seconds) if isinstance(seconds, int | float) and seconds >= 0 else None


class Unreachable(HubError, ConnectionError):
    """Nothing that is a hub answers at this address. Temporary.

    Attributes:
        may_have_arrived: the request was sent, and only the answer is missing.
    """

    def __init__(self, message: str, *, may_have_arrived: bool = False) -> None:
        super().__init__("unreachable", message, temporary=True)
        self.may_have_arrived = may_have_arrived


class RequestTimeout(HubError, TimeoutError):
    """No answer came in time. Whether it was done is unknown, unless it had an idempotency key. Temporary."""

    def __init__(self, message: str) -> None:
        super().__init__("timeout", message, temporary=True)


class Closed(HubError):
    """The hub closed the connection for good, or `close` was called: nothing more will come.

    Attributes:
        close_code: of the WebSocket, such as 4501; `None` when it never was open.
    """

    def __init__(
        self,
        message: str,
        close_code: int | None = None,
        code: str = "closed",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message, details=details)
        self.close_code = close_code
