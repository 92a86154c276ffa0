"""The tables at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.bench import STUCK_PAD, STUCK_RATE, STUCK_SUBSCRIBERS
from benchmarks.catalog import C_LOOP, NAIVE
from benchmarks.options import Options
from benchmarks.processes import Cores
from benchmarks.results import FanOut, Results, Stuck, peers_in
from benchmarks.stats import middle, milliseconds, paired_ratio, percent, short, spread, times
from benchmarks.table import Column, render

_FAN_OUT = (
    Column("server", left=True),
    Column("x C loop"),
    Column("x naive"),
    Column("per CPU-s"),
    Column("spread"),
    Column("p50 ms"),
    Column("p99 ms"),
    Column("server CPU s"),
    Column("load CPU s"),
    Column("frame B"),
    Column("note", left=True),
)
_IDLE = (
    Column("server", left=True),
    Column("KiB each"),
    Column("spread"),
    Column("KiB each, all held"),
    Column("note", left=True),
)
_CONNECTS = (Column("server", left=True), Column("per CPU-s"), Column("per s"), Column("spread"), Column("x naive"))
_STUCK = (
    Column("server", left=True),
    Column("p99 ms without"),
    Column("p99 ms with"),
    Column("stuck client cut"),
    Column("note", left=True),
)

_NOTIFY = (Column("calls", left=True), Column("median µs"), Column("p99 µs"))


def _of(samples: list[FanOut], value: Callable[[FanOut], float]) -> float | None:
    return middle([value(sample) for sample in samples])


def _fan_out_row(results: Results, scenario: str, peer: str) -> list[str]:
    rates = results.rounds(scenario, lambda sample: sample.per_cpu)
    mine = rates.get(peer, {})
    every = [s for s in results.fan_out if s.scenario == scenario and s.peer == peer]
    samples = [s for s in every if not s.run.fault]
    load, server = _of(samples, lambda s: s.run.cpu), _of(samples, lambda s: s.server_cpu)
    notes = [f"{len(every) - len(samples)} of {len(every)} runs failed: {s.run.fault}" for s in every if s.run.fault][
        :1
    ]
    if load is not None and server is not None and load > server:
        notes.append("the load generator used more CPU than the server")
    return [
        results.label(peer),
        times(paired_ratio(mine, rates.get(C_LOOP, {}))),
        times(paired_ratio(mine, rates.get(NAIVE, {}))),
        short(middle(list(mine.values()))),
        percent(spread(list(mine.values()))),
        milliseconds(_of(samples, lambda s: s.run.p50_us)),
        milliseconds(_of(samples, lambda s: s.run.p99_us)),
        "-" if server is None else f"{server:.2f}",
        "-" if load is None else f"{load:.2f}",
        "-" if not samples else f"{_of(samples, lambda s: s.run.frame_bytes):.0f}",
        "; ".join(notes),
    ]


def _fan_out_table(results: Results, scenario: str) -> str:
    samples = [s for s in results.fan_out if s.scenario == scenario]
    rates = results.rounds(scenario, lambda sample: sample.per_cpu)
    order = sorted(peers_in(samples), key=lambda peer: -(middle(list(rates.get(peer, {}).values())) or 0.0))
    return render(_FAN_OUT, [_fan_out_row(results, scenario, peer) for peer in order])


def _idle_row(results: Results, peer: str) -> list[str]:
    samples = [s for s in results.idle if s.peer == peer]
    each = [s.bytes_each / 1024 for s in samples]
    held = middle([s.held_bytes_each / 1024 for s in samples])
    faults = [s.fault for s in samples if s.fault]
    return [
        results.label(peer),
        f"{middle(each):.1f}",
        percent(spread(each)),
        f"{held:.1f}",
        faults[0] if faults else "",
    ]


def _connects_row(results: Results, peer: str) -> list[str]:
    def per_cpu(name: str) -> dict[int, float]:
        return {s.round: s.connects_per_cpu for s in results.idle if s.peer == name}

    mine = per_cpu(peer)
    per_second = middle([s.connects_per_second for s in results.idle if s.peer == peer])
    values = list(mine.values())
    return [
        results.label(peer),
        short(middle(values)),
        short(per_second),
        percent(spread(values)),
        times(paired_ratio(mine, per_cpu(NAIVE))),
    ]


def _stuck_row(results: Results, peer: str) -> list[str]:
    samples: list[Stuck] = [s for s in results.stuck if s.peer == peer]
    faults = [s.with_stuck.fault for s in samples if s.with_stuck.fault]
    whole = [s.with_stuck.p99_us for s in samples if not s.with_stuck.fault]
    cut = sum(s.with_stuck.stuck_cut for s in samples)
    return [
        results.label(peer),
        milliseconds(middle([s.without.p99_us for s in samples])),
        milliseconds(middle(whole)),
        f"{cut} of {len(samples)}",
        f"the others starve: {faults[0]}" if faults else "",
    ]


def _fan_out_sections(results: Results, options: Options) -> Iterator[str]:
    to = f"to {options.subscribers:,} subscribers"
    if any(s.scenario == "fanout" for s in results.fan_out):
        head = f"Fan-out, saturated: {options.messages:,} messages {to}, {options.in_flight} publishes in flight"
        yield f"{head}\n{_fan_out_table(results, 'fanout')}"
    if any(s.scenario == "paced" for s in results.fan_out):
        pace = f"{options.paced_messages} messages at {options.paced_rate:g} a second"
        yield f"Fan-out, one message at a time: {pace} {to}\n{_fan_out_table(results, 'paced')}"


def _idle_sections(results: Results, options: Options) -> Iterator[str]:
    names = peers_in(results.idle)
    if names and options.wants("memory"):
        held = f"then {options.held:,} held at once and one message to all of them"
        table = render(_IDLE, [_idle_row(results, name) for name in names])
        yield f"Memory: {options.idle:,} idle subscribed connections, {held}\n{table}"
    if names and options.wants("connects"):
        table = render(_CONNECTS, [_connects_row(results, name) for name in names])
        yield f"Connects: upgrade and subscription answered, {options.idle:,} connections, 64 at a time\n{table}"


def _other_sections(results: Results) -> Iterator[str]:
    if results.stuck:
        load = f"{STUCK_RATE:g} messages of {STUCK_PAD // 1000} kB a second to {STUCK_SUBSCRIBERS}"
        table = render(_STUCK, [_stuck_row(results, name) for name in peers_in(results.stuck)])
        yield f"A stuck client: one more reads nothing; what the others see at {load}\n{table}"
    if results.notify:
        kinds = (("many at once", "burst"), ("one at a time", "single"))
        rows = [
            [kind, *(f"{_notify(results, f'{name}{part}'):.2f}" for part in ("_us", "_p99_us"))] for kind, name in kinds
        ]
        yield "notify_channel, called from a thread beside the hub's loop\n" + render(_NOTIFY, rows)


def _notify(results: Results, name: str) -> float:
    return middle([getattr(sample, name) for sample in results.notify]) or 0.0


def _ground(options: Options, cores: Cores) -> str:
    pins = (
        f"The server ran on core {cores.server}, the load generator on core {cores.load}."
        if cores.separate
        else "There is one core only: server and load generator shared it, and the delays say little."
    )
    return (
        f"{pins} Rounds: {options.repeat}, interleaved; medians; spread is half the range.\n"
        "CPU is the server's own, user and system, over all its processes. Ratios are taken round by round.\n"
        "Compare the rows of a table with each other: the figures themselves belong to this machine and this hour."
    )


def text(results: Results, options: Options, cores: Cores) -> str:
    """The whole report."""
    sections = [*_fan_out_sections(results, options), *_idle_sections(results, options), *_other_sections(results)]
    if not sections:
        sections.append("Nothing was measured.")
    sections.append(_ground(options, cores))
    if results.remarks:
        sections.append("\n".join(f"{results.label(name)}: {remark}" for name, remark in results.remarks.items()))
    if results.absent:
        sections.append(
            "\n".join(f"not here: {results.label(name)}: {reason}" for name, reason in results.absent.items())
        )
    if results.failures:
        sections.append("\n".join(f"failed: {failure}" for failure in results.failures))
    return "\n\n".join(sections)
