"""Short words between the processes of a hub, over what joins them (`channels.ports.Nodes`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from channels.errors import ReplyError
from channels.ports import Nodes
from hub.tasks import Tasks

log = structlog.get_logger(__name__)

TOPIC: Final = "agents"

WAITING_MAX: Final = 1_000
"""Words that may wait to be sent to the other processes; the oldest is dropped for a further one."""

Handler = Callable[[Mapping[str, Any]], None]


class HubSignals:
    """Tells this process at once, and the others in the background, in the order of telling (`agents.ports.Signals`).

    Attributes:
        lost: words that the other processes didn't get: the broker was away, or too many waited.
    """

    def __init__(self, nodes: Nodes, tasks: Tasks) -> None:
        self._nodes = nodes
        self._tasks = tasks
        self._handlers: dict[str, list[Handler]] = {}
        self._waiting: deque[tuple[str, Mapping[str, Any]]] = deque()
        self._sending = False
        self.lost = 0
        nodes.listen(TOPIC, self._heard)

    def listen(self, topic: str, handler: Handler) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    def tell(self, topic: str, message: Mapping[str, Any]) -> None:
        self._hand_out(topic, message)
        if len(self._waiting) >= WAITING_MAX:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append((topic, message))
        if not self._sending:
            self._sending = True
            self._tasks.spawn(self._send(), "agents' signals")

    async def _send(self) -> None:
        try:
            while self._waiting:
                topic, message = self._waiting.popleft()
                try:
                    await self._nodes.tell(TOPIC, {"topic": topic, "message": message})
                except ReplyError:
                    self.lost += 1
        finally:
            self._sending = False

    def _heard(self, message: Mapping[str, Any]) -> None:
        self._hand_out(message["topic"], message["message"])

    def _hand_out(self, topic: str, message: Mapping[str, Any]) -> None:
        for handler in self._handlers.get(topic, ()):
            try:
                handler(message)
            except Exception:
                log.exception("a signal's handler failed", topic=topic)
