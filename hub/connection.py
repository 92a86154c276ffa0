"""What all connections in the directory have, whatever their transport."""

from __future__ import annotations

from hub.closing import CloseCode
from hub.dialects import Encoder
from hub.outbox import Outbox


class Connection(Outbox):
    """A client's connection to one of the hub's endpoints.

    Args:
        address: of the client, for limits and lists.
        opened: when it began, in the loop's time.

    Attributes:
        close_by: when the hub began to close it.
        close_code: the code that was sent or received first; 1006 when there was none.
        user_agent: what the client calls itself: visible text of bounded length, perhaps none.
    """

    __slots__ = ("address", "close_by", "close_code", "opened", "user_agent")

    def __init__(
        self, client_id: str, session: str, encoding: Encoder, limit: int, *, address: str, opened: float
    ) -> None:
        super().__init__(client_id, session, encoding, limit)
        self.address = address
        self.opened = self.active = opened
        self.close_by = 0.0
        self.close_code = 1006
        self.user_agent = ""

    @property
    def latency(self) -> float | None:
        """Seconds from the newest ping to its pong; `None` before the first, and where nothing is asked."""
        return None

    @property
    def answered(self) -> float | None:
        """When the newest ping was sent that the client has answered, in the loop's time: what was written before it
        came there. `None` where there is none."""
        return None

    @property
    def kind(self) -> str:
        """The transport: `websocket`, `socketio`, `sse` or `ndjson`."""
        raise NotImplementedError

    @property
    def lags(self) -> bool:
        """The client doesn't keep up now. One that polls has no socket that could be full, and what waits for it is
        mostly for its next poll."""
        return self.is_slow and (self.is_connected or self._queued > self._limit // 2)

    def close(self, code: CloseCode | int, reason: str) -> None:
        """Send what is queued and say why, and nothing after it. Closing twice is once."""
        raise NotImplementedError

    def abort(self) -> None:
        """Cut the socket."""
        if self._transport is not None:
            self._transport.abort()
