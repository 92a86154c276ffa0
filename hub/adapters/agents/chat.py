"""Chat sessions on the hub: their log, its relay to `session:ID`, and who may follow it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from agents.ports import Signals
from agents.sessions.log import EventLog
from agents.sessions.outbox import Outbox
from agents.sessions.owners import Owners
from agents.sessions.relay import Relay
from agents.sessions.replay import Replays
from agents.sessions.sessions import Sessions
from agents.sessions.upkeep import EVERY, Upkeep
from agents.store.database import Database
from channels.errors import ErrorCode, ReplyError
from hub.adapters.adapter import Surroundings
from hub.adapters.agents.channel import HubChannel
from hub.dialects.session import SharedEncodings
from hub.options import Settings

_UPKEEP: Final = "agents:upkeep"


@dataclass(frozen=True, slots=True)
class Chat:
    """What chat sessions are made of.

    Attributes:
        log: writes and reads what happens in sessions.
        relay: tells the channels.
        sessions: everything of sessions but their events.
        replays: reads what streams begin with.
        channel: the hub's channels of sessions.
        encodings: what streams that have caught up share.
    """

    log: EventLog
    relay: Relay
    sessions: Sessions
    replays: Replays
    channel: HubChannel
    upkeep: Upkeep
    encodings: SharedEncodings

    def start(self) -> None:
        """Begin to publish what others have left, and to keep the logs small. The tables must be there."""
        self.relay.start()
        self.upkeep.start()

    async def stop(self) -> None:
        """End; what was written is published first, for some seconds."""
        await asyncio.gather(self.upkeep.stop(), self.relay.stop())


class _Following:
    """Whose sessions are, once that is known."""

    def __init__(self, relay: Relay, sessions: Sessions) -> None:
        self._relay = relay
        self._sessions = sessions

    async def owner_of(self, session_id: UUID) -> str | None:
        return await self._up().owner_of(session_id)

    async def is_of(self, session_id: UUID, subject: str) -> bool:
        return await self._up().is_of(session_id, subject)

    def _up(self) -> Sessions:
        if not self._relay.is_running:
            raise ReplyError(ErrorCode.UNAVAILABLE, "chat sessions aren't up yet", retry_after=1)
        return self._sessions


def make_chat(settings: Settings, hub: Surroundings, database: Database, signals: Signals) -> Chat:
    """Put it together, and have the hub ask it who may follow a session."""
    options = settings.agents
    channel = HubChannel(hub.engine, hub.backends.broker, hub.backends.watch)
    owners, relay = Owners(database), Relay(Outbox(database), channel)
    log = EventLog(relay)
    sessions = Sessions(log, relay, owners, channel, signals)

    async def turn(seconds: float) -> bool:
        return await hub.claims.claim(_UPKEEP, seconds)

    upkeep = Upkeep(database, options.delta_retention, turn, EVERY)
    hub.sessions.chats = _Following(relay, sessions)
    return Chat(log, relay, sessions, Replays(options.replay_events), channel, upkeep, SharedEncodings())
