"""The scenarios, on the C server alone: it needs nothing but a compiler."""

from __future__ import annotations

import platform
from dataclasses import replace

import pytest

from benchmarks.bench import Bench
from benchmarks.catalog import C_LOOP, PEERS, Peer
from benchmarks.processes import Command
from benchmarks.workshop import Absent, Workshop
from tests.needs import is_absent
from tests.unit.benchmarks.samples import options

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the benchmarks run on Linux only")

C_SERVER = next(peer for peer in PEERS if peer.name == C_LOOP)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    made = Workshop(tmp_path_factory.mktemp("c"), print)
    try:
        made.program("loadgen")
        made.program("send_loop")
    except Absent as reason:
        is_absent("a C compiler", str(reason))
    return made


def _bench(workshop: Workshop, *arguments: str) -> Bench:
    small = ["--subscribers", "20", "--messages", "10", "--paced-messages", "3", "--paced-rate", "50", "--repeat", "1"]
    return Bench(options(*small, "--timeout", "20", *arguments), workshop, print)


def _broken(name: str) -> Peer:
    return replace(C_SERVER, name=name, command=lambda workshop, place: Command(["false"]))


def test_fan_out_reaches_every_subscriber(workshop: Workshop) -> None:
    bench = _bench(workshop, "--only", "fanout", "--only", "paced")
    bench.measure([C_SERVER])
    assert bench.results.failures == []
    assert [(s.scenario, s.run.delivered, s.run.fault) for s in bench.results.fan_out] == [
        ("fanout", 200, ""),
        ("paced", 60, ""),
    ]


def test_messages_have_the_size_asked_for(workshop: Workshop) -> None:
    bench = _bench(workshop, "--only", "fanout", "--bytes", "500")
    bench.measure([C_SERVER])
    # A stamp or a sequence number may be a digit longer than in the warm-up.
    assert bench.results.fan_out[0].run.frame_bytes == pytest.approx(500, abs=2)


def test_idle_connections_are_weighed_and_still_alive(workshop: Workshop) -> None:
    bench = _bench(workshop, "--only", "memory", "--idle", "30", "--held", "100")
    bench.measure([C_SERVER])
    assert bench.results.failures == []
    assert [(idle.connections, idle.held, idle.fault) for idle in bench.results.idle] == [(30, 100, "")]


def test_a_peer_that_fails_does_not_end_the_run(workshop: Workshop) -> None:
    bench = _bench(workshop, "--only", "fanout")
    bench.measure([_broken("broken"), C_SERVER])
    assert [sample.peer for sample in bench.results.fan_out] == [C_LOOP]
    assert bench.results.failures == ["broken, fan-out, round 1: the server ended at its start with code 1"]


def test_a_peer_that_is_not_here_is_named_with_its_reason(workshop: Workshop) -> None:
    def nowhere(workshop: Workshop) -> str:
        raise Absent("no bell on PATH")

    bench = _bench(workshop)
    assert bench.find([replace(C_SERVER, name="bell", version=nowhere), C_SERVER]) == [C_SERVER]
    assert bench.results.absent == {"bell": "no bell on PATH"}
