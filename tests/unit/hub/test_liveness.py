"""When a connection is dead, idle, late or at the end of its token."""

from __future__ import annotations

import pytest

from channels.policy import Principal
from hub.closing import CloseCode
from hub.frames import PING
from hub.liveness import Liveness
from hub.options import WebSocketOptions
from hub.session import Session
from hub.transports.websocket import WebSocketConnection
from tests.unit.hub.stage import RecordingHost, Stage
from tests.unit.hub.transports.manual import ManualTransport

PONG = b"\x8a\x80\x00\x00\x00\x00"
TEXT = b"\x81\x82\x00\x00\x00\x00{}"


class Patient:
    """A connection under observation. Its time moves when the test says so; it is checked when it asked to be."""

    def __init__(self, options: WebSocketOptions, principal: Principal | None = None, *, known: bool = True) -> None:
        self.stage = Stage()
        self.host = RecordingHost()
        self.liveness = Liveness(options, self.host.clock)
        self.connection, self.transport = self.host.connect()
        who = (principal or Principal()) if known else None
        self.connection.receiver = Session(self.stage.context, self.connection, who)
        self.due = self.liveness.check(self.connection)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, checking at each deadline that was asked for."""
        end = self.host.now + seconds
        for _ in range(1000):
            if self.due is None or self.due > end:
                break
            self._move_to(max(self.due, self.host.now))
            self.due = self.liveness.check(self.connection)
        else:
            raise AssertionError("it asks to be checked again and again")
        self._move_to(end)

    def _move_to(self, at: float) -> None:
        self.stage.clock.advance(at - self.host.now)
        self.host.now = at

    @property
    def pings(self) -> int:
        return bytes(self.transport.sent).count(PING)

    @property
    def code(self) -> int | None:
        """The code that the connection was closed with, `None` while it is open."""
        return None if self.connection.is_open else self.connection.close_code


def options(heartbeat: float = 0, idle: float = 0, auth: float = 10, close: float = 5) -> WebSocketOptions:
    return WebSocketOptions(heartbeat=heartbeat, idle_timeout=idle, auth_timeout=auth, close_timeout=close)


# Heartbeat.


async def test_the_way_of_a_ping_is_measured() -> None:
    """From when it was sent to its own pong. Other words, and pongs that nobody asked for, measure nothing."""
    patient = Patient(options(heartbeat=30))
    connection = patient.connection

    def heard() -> tuple[float | None, float | None]:
        return connection.latency, connection.answered

    connection.data_received(PONG)
    assert heard() == (None, None)
    patient.pass_time(31)
    asked = patient.host.now - 1
    patient.pass_time(0.5)
    connection.data_received(TEXT)
    assert heard()[0] is None
    patient.pass_time(30)  # and the answer to the first ping comes after the second
    assert patient.pings == 2
    connection.data_received(PONG)
    assert heard() == (31.5, asked)
    connection.data_received(PONG)
    assert heard()[0] == 31.5


async def test_a_silent_link_is_closed_within_two_intervals() -> None:
    """One ping; and when nothing at all came until the next is due, 4000."""
    patient = Patient(options(heartbeat=30))
    patient.pass_time(29.9)
    assert patient.pings == 0
    patient.pass_time(0.2)
    assert patient.pings == 1
    patient.pass_time(29.8)
    assert patient.code is None
    patient.pass_time(0.2)
    assert patient.code == CloseCode.HEARTBEAT_LOST


@pytest.mark.parametrize("answers", [[PONG, PONG], [TEXT, TEXT], [PONG[:1], PONG[1:]]])
async def test_any_sign_of_life_will_do(answers: list[bytes]) -> None:
    """A pong, a command, even a part of a frame."""
    patient = Patient(options(heartbeat=30))
    for answer in answers * 5:
        patient.pass_time(30)
        patient.connection.data_received(answer)
    assert patient.code is None
    assert patient.pings == 10


async def test_without_a_heartbeat_nobody_is_pinged() -> None:
    """0 turns it off; then there is nothing to check."""
    patient = Patient(options())
    assert patient.due is None
    patient.pass_time(1000)
    assert (patient.pings, patient.code) == (0, None)


# The idle limit.


async def test_an_idle_connection_is_closed_although_it_answers_pings() -> None:
    """No command and no publication for the limit: 4001."""
    patient = Patient(options(heartbeat=30, idle=100))
    for _ in range(3):
        patient.pass_time(30)
        patient.connection.data_received(PONG)
    assert patient.code is None
    patient.pass_time(10)
    assert patient.code == CloseCode.IDLE


async def test_a_command_keeps_a_connection() -> None:
    """Whatever the command."""
    patient = Patient(options(idle=100))
    for _ in range(5):
        patient.pass_time(99)
        patient.connection.data_received(TEXT)
    assert patient.code is None
    patient.pass_time(100)
    assert patient.code == CloseCode.IDLE


async def test_a_publication_keeps_a_connection() -> None:
    """A dashboard that only listens is in use."""
    patient = Patient(options(idle=100))
    for _ in range(5):
        patient.pass_time(99)
        patient.connection.push(b"\x81\x02{}", patient.host.now)
    assert patient.code is None


async def test_a_reply_or_a_notice_keeps_nothing() -> None:
    """Or a hub that tells of its own doings would keep everyone."""
    patient = Patient(options(idle=100))
    patient.pass_time(99)
    patient.connection.send(b"\x81\x02{}")
    patient.pass_time(1)
    assert patient.code == CloseCode.IDLE


# Authentication and tokens.


async def test_who_does_not_authenticate_in_time_is_closed() -> None:
    """With 4004, however much it talks."""
    patient = Patient(options(auth=10), known=False)
    patient.pass_time(9)
    patient.connection.data_received(TEXT)
    assert patient.code is None
    patient.pass_time(1)
    assert patient.code == CloseCode.AUTHENTICATION_TIMEOUT


async def test_who_authenticated_in_time_stays() -> None:
    """The limit is for the first message only."""
    patient = Patient(options(auth=10), known=False)
    session = patient.connection.receiver
    assert isinstance(session, Session)
    session.authenticated = True
    patient.pass_time(100)
    assert patient.code is None


async def test_the_end_of_the_token_is_kept_in_view() -> None:
    """A warning a minute before, then 4501."""
    patient = Patient(options(), Principal("alice", expires=1_800_000_300.0))
    patient.pass_time(240)
    assert b"token_expiring" in patient.transport.sent
    assert patient.code is None
    patient.pass_time(60)
    assert patient.code == CloseCode.TOKEN_EXPIRED


async def test_without_a_session_there_is_no_token() -> None:
    """Whoever else takes what a client sends is not checked for one."""
    patient = Patient(options())
    patient.connection.receiver = None
    assert patient.liveness.check(patient.connection) is None


# Closing.


async def test_a_client_that_does_not_close_back_is_cut() -> None:
    """The close timeout after the close frame."""
    patient = Patient(options(close=5))
    patient.connection.close(1001, "")
    patient.due = patient.liveness.check(patient.connection)
    patient.pass_time(4.9)
    assert not patient.transport.aborted
    patient.pass_time(0.2)
    assert patient.transport.aborted


async def test_a_client_that_was_found_dead_is_cut() -> None:
    """Its deadline follows from the check that found it."""
    patient = Patient(options(heartbeat=30, close=5))
    patient.pass_time(64.9)
    assert not patient.transport.aborted
    patient.pass_time(0.2)
    assert patient.transport.aborted


def test_a_connection_that_is_gone_is_not_looked_at_again() -> None:
    """Whatever was due for it."""
    host = RecordingHost()
    connection, transport = gone(host)
    liveness = Liveness(options(heartbeat=30, idle=100), host.clock)
    assert liveness.check(connection) is None
    assert not transport.aborted


def gone(host: RecordingHost) -> tuple[WebSocketConnection, ManualTransport]:
    connection, transport = host.connect()
    transport.lose()
    return connection, transport
