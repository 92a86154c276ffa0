"""A hub without sockets: connections that keep what is written to them, a loop whose time stands still."""

from __future__ import annotations

import asyncio
import json
import struct
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from itertools import count
from typing import Any

from channels.engine import Engine, Ports
from channels.errors import ErrorCode, ReplyError
from channels.memory import MemoryBroker, MemoryMembership, MemoryPresence
from channels.policy import Access, ChannelOptions, Policy, Principal
from channels.registry import Registry
from hub.closing import CloseCode
from hub.commands import Commands
from hub.dialects.plain import PlainDialect
from hub.encoding import Encoding
from hub.fanout import Fanout
from hub.options import Settings
from hub.outbox import Outbox
from hub.session import Context, Session
from hub.transports.websocket import WebSocketConnection
from tests.kit import InterruptedBroker, InterruptedMembership, InterruptedPresence, Interruptions, ManualClock, rest
from tests.unit.hub.transports.manual import ManualTransport

PLAIN = Encoding(PlainDialect())

_numbers = count(1)

MEMBERS = ChannelOptions(
    subscribe=Access.MEMBERS, publish=Access.MEMBERS, history=Access.MEMBERS, presence=Access.MEMBERS
)

POLICY = Policy(
    {
        "news": ChannelOptions(publish=Access.EVERYONE),
        "alerts": ChannelOptions(),
        "fleeting": ChannelOptions(history_size=0, publish=Access.EVERYONE),
        "pools": ChannelOptions(conflate="/pool", publish=Access.EVERYONE),
        "keyed": ChannelOptions(conflate="key", publish=Access.EVERYONE),
        "strict": ChannelOptions(schema={"type": "object"}, max_bytes=20, max_rate=2.0, publish=Access.EVERYONE),
        "quiet": ChannelOptions(history=Access.TOKEN, presence=Access.TOKEN),
        "state": ChannelOptions(rewind=1, subscribe=Access.USERS),
    },
    {"room": MEMBERS, "user": MEMBERS},
)


def messages_in(data: bytes) -> list[dict[str, Any]]:
    """Read server frames: final, unmasked text."""
    found = []
    while data:
        assert data[0] == 0x81, f"expected a final text frame, got {data[:20]!r}"
        size, start = data[1], 2
        if size == 126:
            size, start = struct.unpack("!H", data[2:4])[0], 4
        elif size == 127:
            size, start = struct.unpack("!Q", data[2:10])[0], 10
        found.append(json.loads(data[start : start + size]))
        data = data[start + size :]
    return found


def check_invariants(registry: Registry) -> None:
    """A subscriber is under a channel exactly when the channel is under the subscriber; nothing empty is kept."""
    forth = {(s, channel) for channel, subscriptions in registry._subscriptions.items() for s in subscriptions}
    back = {(s, channel) for s, channels in registry._channels.items() for channel in channels}
    assert forth == back
    assert all(registry._subscriptions.values())
    assert all(registry._channels.values())
    assert set(registry._watchers) <= set(registry._subscriptions)
    for channel, subscriptions in registry._subscriptions.items():
        roster = registry.roster(channel)
        assert {*roster.prompt, *roster.throttled} == set(subscriptions)


class RecordingTransport(asyncio.Transport):
    """A transport that keeps each write, and is full when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.reading = True
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        return None

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


class RecordingConnection(Outbox):
    """A connection that keeps what it gets, and how it was closed."""

    def __init__(self, client_id: str = "client", session: str = "s-1", encoding: Encoding = PLAIN) -> None:
        super().__init__(client_id, session, encoding, 1 << 20)
        self.transport = RecordingTransport()
        self.connect(self.transport)
        self.closed: tuple[int, str] | None = None

    def close(self, code: CloseCode | int, reason: str) -> None:
        if self.closed is None:
            self.closed = (int(code), reason)
            self._end()

    @property
    def writes(self) -> list[list[dict[str, Any]]]:
        """The messages of each write."""
        return [messages_in(data) for data in self.transport.writes]

    @property
    def heard(self) -> list[dict[str, Any]]:
        """All messages."""
        return [message for write in self.writes for message in write]

    @property
    def offsets(self) -> list[int]:
        """The offsets of the publications, and of those that were withheld."""
        return [message["offset"] for message in self.heard if "data" in message or message["type"] == "position"]


class RecordingHost:
    """The hub around connections: its time stands still, and it notes which of them close and end."""

    def __init__(self, now: float = 100.0) -> None:
        self.max_bytes = 1 << 20
        self.now = now
        self.closings: list[str] = []
        self.losses: list[str] = []

    def clock(self) -> float:
        return self.now

    def closing(self, connection: WebSocketConnection) -> None:
        self.closings.append(connection.session)

    def lost(self, connection: WebSocketConnection) -> None:
        self.losses.append(connection.session)

    def connect(
        self, client_id: str = "client", user: str | None = None, address: str = "10.0.0.1"
    ) -> tuple[WebSocketConnection, ManualTransport]:
        """Make a live connection, and the transport below it."""
        session = f"s-{client_id}-{next(_numbers)}"
        connection = WebSocketConnection(self, client_id, session, PLAIN, 1 << 20, address=address)
        connection.principal = Principal(user)
        transport = ManualTransport(connection)
        connection.connection_made(transport)
        return connection, transport


class ManualLoop(asyncio.BaseEventLoop):
    """The part of an event loop that delivery needs. Its time moves when the test says so."""

    def __init__(self, now: float = 100.0) -> None:
        super().__init__()
        self.now = now
        self.soon: list[asyncio.Handle] = []
        self.timers: list[asyncio.TimerHandle] = []

    def time(self) -> float:
        return self.now

    def call_soon(  # type: ignore[override] # the test's loop takes any arguments
        self, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self)
        self.soon.append(handle)
        return handle

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self)
        self.timers.append(handle)
        return handle

    def get_debug(self) -> bool:
        return False

    def is_closed(self) -> bool:
        return True  # there is nothing to close

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        raise context["exception"]

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        return None

    @property
    def armed(self) -> list[float]:
        """When the timers are due that were not cancelled."""
        return sorted(timer.when() for timer in self.timers if not timer.cancelled())

    def turn(self) -> None:
        """Run what is due now."""
        due = [timer for timer in self.timers if timer.when() <= self.now]
        self.timers = [timer for timer in self.timers if timer.when() > self.now]
        soon, self.soon = self.soon, []
        for handle in (*soon, *sorted(due, key=asyncio.TimerHandle.when)):
            if not handle.cancelled():
                handle._run()

    def advance(self, seconds: float) -> None:
        """Let time pass, and run what is due then."""
        self.now += seconds
        self.turn()


class TokenBook:
    """Tokens by name, instead of signed ones."""

    def __init__(self) -> None:
        self.principals: dict[str, Principal] = {}

    def authenticate(self, token: str) -> Principal:
        if token not in self.principals:
            raise ReplyError(ErrorCode.INVALID_TOKEN, "no such token")
        return self.principals[token]

    def refresh(self, current: Principal, token: str) -> Principal:
        principal = self.authenticate(token)
        if principal.user != current.user:
            raise ReplyError(ErrorCode.INVALID_TOKEN, "another user's token")
        return principal


class Seat:
    """One client: its session, and the connection below it."""

    def __init__(self, session: Session, connection: RecordingConnection) -> None:
        self.session = session
        self.connection = connection

    def say(self, command: object) -> None:
        """Send one frame: JSON, or the bytes as they are."""
        self.session.receive(command if isinstance(command, bytes) else json.dumps(command).encode())

    @property
    def heard(self) -> list[dict[str, Any]]:
        return self.connection.heard

    async def ask(self, **command: Any) -> dict[str, Any]:
        """Send a command; return its one answer."""
        before = len(self.heard)
        self.say(command)
        await rest()
        answers = [m for m in self.heard[before:] if "timestamp" not in m or m["type"] in ("pong", "connection")]
        assert len(answers) == 1, f"expected one answer to {command}, got {answers}"
        return answers[0]


class Stage:
    """Engine, fan-out and commands on memory, with clients in front. The loop is the test's own."""

    def __init__(self, settings: Settings | None = None, policy: Policy = POLICY, max_subscriptions: int = 100) -> None:
        self.clock = ManualClock()
        self.interruptions = Interruptions()
        self.settings = settings or Settings()
        self.fanout = Fanout(asyncio.get_running_loop(), 0.0)
        self.broker = MemoryBroker(self.clock, new_epoch=lambda: "e1")
        ports = Ports(
            InterruptedBroker(self.broker, self.interruptions),
            InterruptedPresence(MemoryPresence(), self.interruptions),
            InterruptedMembership(MemoryMembership(), self.interruptions),
            self.fanout,
            self.clock,
        )
        self.engine = Engine(policy, ports, max_subscriptions)
        self.commands = Commands(self.engine, self.fanout, self.clock, self.statistics)
        self.tokens = TokenBook()
        self.errors: Counter[str] = Counter()
        self.woken: list[str] = []
        self.owners: dict[str, str | None] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.context = Context(
            engine=self.engine,
            commands=self.commands,
            settings=self.settings,
            tokens=self.tokens,
            clock=self.clock,
            spawn=self._spawn,
            errors=lambda code: self.errors.update([code]),
            claim=self._claim,
            wake=lambda outbox: self.woken.append(outbox.session),
        )

    async def statistics(self) -> dict[str, Any]:
        """Return numbers in the form of `hub.census.Census.whole`."""
        counts = self.engine.registry.counts()
        return {"total_clients": 1, "channel_stats": counts, "active_channels": list(counts), "nodes": [{"node": "n"}]}

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _claim(self, outbox: Outbox, principal: Principal) -> None:
        if self.owners.setdefault(outbox.client_id, principal.user) != principal.user:
            raise ReplyError(ErrorCode.CONFLICT, "another user has that client id")

    def seat(
        self,
        client_id: str = "client",
        principal: Principal | None = None,
        *,
        known: bool = True,
        channels: Sequence[str] = (),
    ) -> Seat:
        """Connect a client; `known=False` for one that has yet to authenticate."""
        connection = RecordingConnection(client_id, f"s-{client_id}")
        who = (principal or Principal()) if known else None
        return Seat(Session(self.context, connection, who, channels), connection)

    def lose(self, seat: Seat) -> None:
        """Lose a client's connection, as the hub does: at once off all maps."""
        seat.connection._end()
        self.engine.leave(seat.connection)
