"""When a stream is dead, idle or at the end of its token."""

from __future__ import annotations

import json
from typing import Any

from channels.policy import Principal
from hub.dialects.ndjson import Ndjson
from hub.dialects.plain import PlainDialect
from hub.sections.events import EventsOptions
from hub.stream_liveness import StreamLiveness
from hub.transports.stream import StreamConnection
from tests.kit import ManualClock
from tests.unit.hub.transports.manual import ManualTransport


class Host:
    """The hub around the stream."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock.monotonic
        self.closings = 0

    def closing(self, stream: StreamConnection) -> None:
        self.closings += 1

    def lost(self, stream: StreamConnection) -> None:
        return None


class Patient:
    """A stream under observation. Its time moves when the test says so; it is checked when it asked to be."""

    def __init__(self, *, lifetime: float | None = None, room: int = 1 << 30, **options: float) -> None:
        self.clock = ManualClock(monotonic=100.0)
        self.served = 0.0
        given = EventsOptions.model_validate({"heartbeat": 0, "idle_timeout": 0} | options)
        self.liveness = StreamLiveness(given, 5.0, self.clock, self.clock.monotonic, lambda _: self.served)
        self.stream = StreamConnection(Host(self.clock), "tab", "s-1", Ndjson(PlainDialect()), 1 << 20)
        if lifetime is not None:
            self.stream.principal = Principal("alice", expires=self.clock.now() + lifetime)
        self.transport = ManualTransport(self.stream, room)
        self.stream.connection_made(self.transport)
        self.due = self.liveness.check(self.stream)

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, checking at each deadline that was asked for."""
        end = self.now + seconds
        for _ in range(1000):
            if self.due is None or self.due > end:
                break
            self.clock.advance(max(0.0, self.due - self.now))
            self.due = self.liveness.check(self.stream)
        else:
            raise AssertionError("it asks to be checked again and again")
        self.clock.advance(end - self.now)

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.transport.sent.splitlines()]

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.heard]

    @property
    def code(self) -> int | None:
        """The code that the stream was closed with, `None` while it is open."""
        return None if self.stream.is_open else self.stream.close_code


def full(patient: Patient) -> None:
    """Send more than the kernel takes."""
    patient.stream.push(b"x" * 100_000 + b"\n", patient.now)
    assert patient.stream.is_slow


async def test_signs_of_life() -> None:
    """One each interval, whatever else is sent."""
    patient = Patient(heartbeat=30)
    patient.pass_time(29)
    assert patient.types == []
    patient.served = patient.now
    patient.pass_time(61)
    assert patient.types == ["heartbeat"] * 3
    assert patient.code is None


async def test_a_reader_that_takes_nothing_is_ended() -> None:
    """Within two intervals from when it stopped."""
    patient = Patient(heartbeat=30, room=100)
    full(patient)
    patient.pass_time(59)
    assert patient.code is None
    patient.pass_time(2)
    assert patient.code == 4000


async def test_a_slow_reader_may_stay() -> None:
    """As long as it takes something in each interval. It gets no heartbeats meanwhile: bytes wait for it anyway."""
    patient = Patient(heartbeat=30, room=100)
    full(patient)
    for _ in range(10):
        patient.transport.take(1)
        patient.pass_time(30)
    assert patient.code is None
    assert patient.stream.queued_bytes == 0
    patient.transport.take()
    patient.transport.read()
    patient.pass_time(31)
    assert patient.types == ["heartbeat"]
    full_again = Patient(heartbeat=30, room=100)
    full(full_again)
    full_again.pass_time(31)
    full_again.transport.take()
    full_again.pass_time(31)
    assert full_again.code is None


async def test_a_stream_that_lasts_is_never_idle() -> None:
    """A chat may rest for as long as its owner likes."""
    patient = Patient(idle_timeout=300)
    patient.stream.lasts = True
    patient.pass_time(100_000)
    assert patient.code is None


async def test_who_only_listens_is_not_idle() -> None:
    """Unless an operator says so; then publications count, whichever way they went."""
    quiet = Patient()
    quiet.pass_time(100_000)
    assert (quiet.code, quiet.due) == (None, None)
    patient = Patient(idle_timeout=300)
    patient.pass_time(200)
    patient.served = patient.now
    patient.pass_time(200)
    patient.stream.push(b"{}\n", patient.now)
    patient.pass_time(299)
    assert patient.code is None
    patient.pass_time(2)
    assert patient.code == 4001


async def test_a_token_ends() -> None:
    """A minute before there is a warning, once; at half time when there is less than two minutes."""
    for lifetime, warning in ((1800, 60), (60, 30)):
        patient = Patient(lifetime=lifetime)
        patient.pass_time(lifetime - warning - 1)
        assert patient.types == []
        patient.pass_time(2)
        (notice,) = patient.heard
        assert (notice["type"], round(notice["seconds"])) == ("token_expiring", warning)
        patient.pass_time(warning - 2)
        assert patient.stream.is_open
        patient.pass_time(2)
        assert patient.code == 4501
        assert patient.types == ["token_expiring", "close"]


async def test_who_doesn_t_read_the_end_is_cut() -> None:
    """After the close timeout."""
    patient = Patient(room=100)
    full(patient)
    patient.stream.close(4003, "over")
    patient.due = patient.liveness.check(patient.stream)
    patient.pass_time(4.9)
    before = patient.transport.aborted
    patient.pass_time(0.2)
    assert (before, patient.transport.aborted) == (False, True)
    patient.transport.lose()
    assert patient.liveness.check(patient.stream) is None
