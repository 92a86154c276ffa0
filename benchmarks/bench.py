"""Runs the scenarios, one server at a time, and gathers what they give."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.catalog import NAIVE, TOCSIN, Peer, Place
from benchmarks.load import LoadGenerator, Opened, Run
from benchmarks.options import Options
from benchmarks.processes import Cores, Failed, Server, cpu_seconds, free_port, let_go, pinned, rss_bytes
from benchmarks.results import FanOut, Idle, Notify, Results, Stuck
from benchmarks.workshop import ROOT, Absent, Workshop

WARM_MESSAGES = 50
WARM_PAD = 40
SETTLE_SECONDS = 1.5
PRIME_CONNECTIONS = 50
STUCK_SUBSCRIBERS, STUCK_MESSAGES, STUCK_RATE, STUCK_PAD, STUCK_TIMEOUT = 50, 300, 50.0, 32000, 15.0
STUCK_GRACE_SECONDS = 8.0
NOTIFY_SECONDS = 60
LONGEST_PAD = 60000


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server, and what is needed to load it."""

    peer: Peer
    place: Place
    server: Server

    @property
    def ports(self) -> tuple[int, int]:
        """Where to subscribe and where to publish."""
        return self.place.port, self.place.publish_port if self.peer.two_ports else self.place.port


class Bench:
    """One run of the suite."""

    def __init__(self, options: Options, workshop: Workshop, say: Callable[[str], None]) -> None:
        self.options = options
        self.results = Results()
        self.cores = Cores.choose()
        self._workshop = workshop
        self._say = say

    def find(self, peers: list[Peer]) -> list[Peer]:
        """The peers that are here; notes the reasons of the others."""
        here = []
        for peer in peers:
            self.results.titles[peer.name] = peer.title
            try:
                self.results.versions[peer.name] = peer.version(self._workshop)
                here.append(peer)
                if peer.remark:
                    self.results.remarks[peer.name] = peer.remark
            except Absent as reason:
                self.results.absent[peer.name] = str(reason)
                self._say(f"not here: {peer.name}: {reason}")
        return here

    def measure(self, peers: list[Peer]) -> None:
        """All rounds. Each round measures every peer, so that a slow minute of the machine falls on all of them."""
        options = self.options
        for number in range(1, options.repeat + 1):
            for peer in peers:
                if options.wants("fanout", "paced"):
                    self._attempt(peer, number, "fan-out", self._fan_out)
                if options.wants("memory", "connects"):
                    self._attempt(peer, number, "idle connections", self._idle)
                if options.wants("stuck") and peer.name in (TOCSIN, NAIVE):
                    self._attempt(peer, number, "stuck client", self._stuck)
                if options.wants("notify") and peer.name == TOCSIN:
                    self._attempt(peer, number, "notify_channel", self._notify)

    def _attempt(self, peer: Peer, number: int, what: str, measure: Callable[[Peer, int], str]) -> None:
        head = f"round {number}/{self.options.repeat}  {peer.name:<16} {what:<17}"
        try:
            self._say(head + measure(peer, number))
        except (Failed, Absent) as error:
            self.results.failures.append(f"{peer.name}, {what}, round {number}: {error}")
            self._say(head + f"failed: {error}")

    @contextmanager
    def _running(self, peer: Peer) -> Iterator[Stage]:
        with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
            place = Place(free_port(), free_port(), Path(name))
            server = Server(peer.command(self._workshop, place), place.port, place.directory / "log", self.cores.server)
            try:
                stage = Stage(peer, place, server)
                server.wait_ready(sorted(set(stage.ports)))
                yield stage
            finally:
                server.stop()

    @contextmanager
    def _load(self, stage: Stage, *, stuck: int = 0) -> Iterator[LoadGenerator]:
        room = max(self.options.held, self.options.subscribers, STUCK_SUBSCRIBERS) + stuck + 1
        binary = self._workshop.program("loadgen")
        generator = LoadGenerator(
            binary, stage.peer.client, stage.ports, self.cores.load, stuck=stuck, room=room, eager=self.options.eager
        )
        try:
            yield generator
        finally:
            generator.close()

    def _fan_out(self, peer: Peer, number: int) -> str:
        options, said = self.options, []
        with self._running(peer) as stage, self._load(stage) as generator:
            _all_subscribed(generator.open(options.subscribers), options.subscribers, stage)
            pad = self._warm_up(generator)
            for scenario in ("fanout", "paced"):
                if scenario in options.scenarios:
                    sample = self._run(stage, generator, scenario, number, pad)
                    self.results.fan_out.append(sample)
                    said.append(
                        f"{scenario} {sample.per_cpu:,.0f} per CPU-s"
                        + (f" ({sample.run.fault})" if sample.run.fault else "")
                    )
                    if sample.run.fault:
                        break
        return ", ".join(said)

    def _warm_up(self, generator: LoadGenerator) -> int:
        """Warm the server, and find the padding with which its frames have the wanted size."""
        warm = generator.run(WARM_MESSAGES, self.options.in_flight, 0, WARM_PAD, self.options.timeout)
        if warm.fault:
            raise Failed(f"the warm-up failed: {warm.fault}")
        return min(LONGEST_PAD, max(0, WARM_PAD + round(self.options.frame_bytes - warm.frame_bytes)))

    def _run(self, stage: Stage, generator: LoadGenerator, scenario: str, number: int, pad: int) -> FanOut:
        options = self.options
        paced = scenario == "paced"
        messages, rate = (options.paced_messages, options.paced_rate) if paced else (options.messages, 0.0)
        before = cpu_seconds(stage.server.pid)
        run = generator.run(messages, options.in_flight, rate, pad, options.timeout)
        return FanOut(scenario, stage.peer.name, number, cpu_seconds(stage.server.pid) - before, run)

    def _idle(self, peer: Peer, number: int) -> str:
        options = self.options
        with self._running(peer) as stage, self._load(stage) as generator:
            pid = stage.server.pid
            _all_subscribed(generator.open(PRIME_CONNECTIONS), PRIME_CONNECTIONS, stage)
            self._warm_up(generator)
            empty, cpu = _settled_rss(pid), cpu_seconds(pid)
            opened = generator.open(options.idle + PRIME_CONNECTIONS)
            cpu = cpu_seconds(pid) - cpu
            _all_subscribed(opened, options.idle + PRIME_CONNECTIONS, stage)
            each = (_settled_rss(pid) - empty) / options.idle
            held = max(options.held, options.idle + PRIME_CONNECTIONS)
            _all_subscribed(generator.open(held), held, stage)
            held_each = (_settled_rss(pid) - empty) / (held - PRIME_CONNECTIONS)
            fault = generator.run(1, 1, 0, WARM_PAD, options.timeout).fault
        idle = Idle(peer.name, number, options.idle, each, opened.seconds, cpu, held, held_each, fault)
        self.results.idle.append(idle)
        return f"{each / 1024:.1f} KiB each, {idle.connects_per_second:,.0f} connects per second" + (
            f" ({fault})" if fault else ""
        )

    def _stuck(self, peer: Peer, number: int) -> str:
        without = self._stuck_run(peer, 0)
        if without.fault:
            raise Failed(f"already without a stuck client: {without.fault}")
        with_stuck = self._stuck_run(peer, 1)
        self.results.stuck.append(Stuck(peer.name, number, without, with_stuck))
        return f"others' p99 {without.p99_us / 1000:.1f} ms without, " + (
            with_stuck.fault or f"{with_stuck.p99_us / 1000:.1f} ms with"
        )

    def _stuck_run(self, peer: Peer, stuck: int) -> Run:
        total = STUCK_SUBSCRIBERS + stuck
        with self._running(peer) as stage, self._load(stage, stuck=stuck) as generator:
            _all_subscribed(generator.open(total), total, stage)
            run = generator.run(STUCK_MESSAGES, self.options.in_flight, STUCK_RATE, STUCK_PAD, STUCK_TIMEOUT)
            if not stuck or run.fault:
                return run
            # A server may give a slow client some seconds to take its close frame.
            time.sleep(STUCK_GRACE_SECONDS)
            seen = generator.run(1, 1, 0, 0, STUCK_TIMEOUT).stuck_cut
            return replace(run, stuck_cut=max(seen, let_go(stage.place.port)))

    def _notify(self, peer: Peer, number: int) -> str:
        with pinned(self.cores.server):
            try:
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.notify"],
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                    timeout=NOTIFY_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise Failed(f"no answer within {NOTIFY_SECONDS} s") from None
        if done.returncode:
            raise Failed((done.stderr.strip().splitlines() or ["no message"])[-1][:200])
        notify = Notify(round=number, **json.loads(done.stdout))
        self.results.notify.append(notify)
        return f"{notify.burst_us:.2f} µs a call in a burst, {notify.single_us:.2f} µs for a single one"


def _all_subscribed(opened: Opened, wanted: int, stage: Stage) -> None:
    if opened.ready != wanted:
        reason = f": {opened.error}" if opened.error else ""
        raise Failed(f"{opened.ready} of {wanted} clients could subscribe{reason}{stage.server.last_words()}")


def _settled_rss(pid: int) -> int:
    time.sleep(SETTLE_SECONDS)
    return rss_bytes(pid)
