"""The error firewall with 100,000 records and 1,000 rules: what a check takes, and what a guard adds to a call.

Half of the records are confirmed. `exact` checks calls that are blocked, `rule` calls that a rule blocks, `innocent`
calls that nothing is known against, and `alike` calls that are compared with as many records as a check ever compares.
A guarded function does nothing, so what is timed is the guard: two clocks, the check, and learning that it succeeded.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.stats import middle
from channels.ports import Publisher
from channels.push import Push
from hub.notify import Inbox
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import build
from integrations.error_firewall.call import make_call
from integrations.error_firewall.fingerprints import fingerprints, record_id
from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.memory_store import MemoryStore
from integrations.error_firewall.model import Decision, Predicate, PredicateKind, Record, Rule, Status

NAME: Final = "firewall"
BUDGET_MS: Final = 1.0
"""What an exact check may take of the processor, at its 99th percentile."""

RECORDS, RULES, CHECKS, ALIKE = 100_000, 1_000, 20_000, 500
ROUNDS, CALLS = 60, 100
OPERATIONS: Final = 20
PROSE: Final = "deploy the shop to production with all migrations and warm caches, for"
STATES: Final = ("present", "queue full", "absent")


@dataclass(frozen=True, slots=True)
class Check:
    """What a check takes.

    Attributes:
        said: verdicts by what they said.
        p50_us, p99_us: elapsed, in microseconds; what else the machine does is in it.
        cpu_p99_us: of the processor.
        per_cpu_second: checks that one second of processor time is enough for.
        megabytes: resident memory that records and rules took.
    """

    kind: str
    records: int
    said: str
    p50_us: float
    p99_us: float
    cpu_p99_us: float
    per_cpu_second: int
    megabytes: int

    @property
    def within(self) -> bool:
        """Tell whether exact rules keep to the budget; likeness has none."""
        return self.kind == "alike" or self.cpu_p99_us < 1_000 * BUDGET_MS


@dataclass(frozen=True, slots=True)
class Guarded:
    """What a guard adds to a call, in microseconds: lower quartiles of the rounds' medians."""

    hub: str
    bare_us: float
    added_us: float


def params_of(number: int) -> dict[str, Any]:
    """Make the parameters of a call."""
    return {
        "device": f"device {number}",
        "os": f"{number % 20}.{number % 7}",
        "scheme": f"App{number % 100}",
        "configuration": "Debug",
        "branch": f"feature/x-{number}",
        "arch": "arm64",
    }


def operation_of(number: int) -> str:
    """Name the operation of a call."""
    return f"operation_{number % OPERATIONS}"


def _record(operation: str, params: dict[str, Any], status: Status) -> Record:
    call = make_call(operation, params)
    marks = fingerprints(operation, call.params, "Failed", "it failed", ())
    name = record_id(operation, "Failed", marks.exact)
    now = time.time()
    return Record(
        id=name,
        operation=operation,
        error_type="Failed",
        status=status,
        params=call.params,
        fingerprints=marks,
        first_seen=now,
        last_seen=now,
    )


def _rule(number: int) -> Rule:
    conditions = (
        Predicate(PredicateKind.EQUALS, "device", f"thing {number}"),
        Predicate(PredicateKind.VERSION, "os", "<18"),
    )
    return Rule(
        id=f"rule-{number}",
        operation=operation_of(number),
        error_type="Failed",
        status=Status.CONFIRMED,
        predicates=conditions,
    )


def spell(number: int) -> str:
    """Write a number with letters: names that differ, and have no digits that would tell them apart at once."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


async def filled(records: int, rules: int) -> tuple[ErrorFirewall, float]:
    """Make a firewall that knows all of it, and say how much memory that took, in MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    store = MemoryStore()
    for number in range(records):
        status = Status.CONFIRMED if number % 2 else Status.OBSERVED
        await store.save(_record(operation_of(number), params_of(number), status))
    for number in range(rules):
        await store.save(_rule(number))
    for number in range(ALIKE):
        text = {"text": f"{PROSE} {spell(number)}"}
        await store.save(_record("alike", text, Status.OBSERVED))
    firewall = ErrorFirewall(store)
    running = asyncio.create_task(firewall.run())
    async with asyncio.timeout(300):
        while firewall.problems:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return firewall, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def checks(firewall: ErrorFirewall, records: int, rules: int, megabytes: float, count: int) -> list[Check]:
    """Measure each kind."""

    def exact(number: int) -> tuple[str, dict[str, Any]]:
        known = (2 * number + 1) % records
        return operation_of(known), params_of(known)

    def rule(number: int) -> tuple[str, dict[str, Any]]:
        return operation_of(number % rules), {**params_of(number), "device": f"thing {number % rules}", "os": "17.0"}

    def innocent(number: int) -> tuple[str, dict[str, Any]]:
        return operation_of(number), params_of(records + number)

    def alike(number: int) -> tuple[str, dict[str, Any]]:
        return "alike", {"text": f"{PROSE}, {spell(number)}"}

    kinds: dict[str, Callable[[int], tuple[str, dict[str, Any]]]] = {
        "exact": exact, "rule": rule, "innocent": innocent, "alike": alike,
    }  # fmt: skip
    return [_checked(firewall, kind, make, records, megabytes, count) for kind, make in kinds.items()]


def _checked(
    firewall: ErrorFirewall,
    kind: str,
    make: Callable[[int], tuple[str, dict[str, Any]]],
    records: int,
    megabytes: float,
    count: int,
) -> Check:
    spent: list[float] = []
    said: dict[Decision, int] = {}
    used: list[float] = []
    for number in range(count):
        operation, params = make(number)
        cpu, begun = time.thread_time(), time.perf_counter()
        verdict = firewall.check(operation, params)
        spent.append(time.perf_counter() - begun)
        used.append(time.thread_time() - cpu)
        said[verdict.decision] = said.get(verdict.decision, 0) + 1
    spent.sort()
    used.sort()
    at = int(count * 0.99)
    told = ", ".join(f"{decision} {times}" for decision, times in sorted(said.items()))
    p50, p99, cpu = (round(1e6 * value, 1) for value in (spent[count // 2], spent[at], used[at]))
    return Check(kind, records, told, p50, p99, cpu, int(count / sum(used)), round(megabytes))


async def guards(rounds: int, calls: int) -> list[Guarded]:
    """Measure a guard in every state of the hub."""
    inbox = Inbox()
    server = Server(build(load(Source(None, {}), {"server.port": 0, "system_stats.interval": 0}), inbox=inbox))
    await server.start()
    try:
        publishers: dict[str, Publisher | None] = {
            "present": inbox.put, "queue full": Inbox(limit=0).put, "absent": None,
        }  # fmt: skip
        return [await _guarded(state, publishers[state], rounds, calls) for state in STATES]
    finally:
        await server.stop(0.0)


async def _guarded(state: str, publish: Publisher | None, rounds: int, calls: int) -> Guarded:
    firewall = ErrorFirewall(push=Push(publish))

    def bare(device: str, os: str) -> str:
        return device + os

    watched = firewall.guard("ios_build")(bare)
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(-3, rounds):  # the first ones warm up
        for function, spent in zip((bare, watched), times, strict=True):
            median = _median_call(function, calls)
            if number >= 0:
                spent.append(median)
        await asyncio.sleep(0.005)  # the hub publishes
    plain, guarded = (sorted(spent)[len(spent) // 4] for spent in times)
    return Guarded(state, round(1e6 * plain, 2), round(1e6 * (guarded - plain), 1))


def _median_call(function: Callable[[str, str], str], calls: int) -> float:
    spent = []
    for number in range(calls):
        device = f"iPhone {number}"
        begun = time.perf_counter()
        function(device, "17.2")
        spent.append(time.perf_counter() - begun)
    return middle(spent) or 0.0


async def measure() -> tuple[list[Check], list[Guarded]]:
    """Measure both."""
    firewall, megabytes = await filled(RECORDS, RULES)
    return checks(firewall, RECORDS, RULES, megabytes, CHECKS), await guards(ROUNDS, CALLS)
