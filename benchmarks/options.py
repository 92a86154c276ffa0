"""The command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = ("fanout", "paced", "memory", "connects", "notify", "stuck")


@dataclass(frozen=True, slots=True)
class Options:
    """What to run. Times are in seconds."""

    peers: tuple[str, ...]
    scenarios: frozenset[str]
    subscribers: int
    messages: int
    in_flight: int
    paced_messages: int
    paced_rate: float
    frame_bytes: int
    idle: int
    held: int
    repeat: int
    timeout: float
    eager: bool
    json: Path | None
    svg: Path | None
    list_peers: bool

    def wants(self, *names: str) -> bool:
        """Tell whether any of these scenarios was asked for."""
        return any(name in self.scenarios for name in names)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {value}")
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures Tocsin beside its peers, all in one run on this machine, and prints ratios.",
        epilog="Peers that aren't installed are named and left out. benchmarks/README.md says how to read the tables.",
    )
    add = parser.add_argument
    add(
        "--peers",
        type=_names,
        default=(),
        metavar="A,B",
        help="only these, tocsin included if named (default: all; see --list)",
    )
    add(
        "--only",
        choices=SCENARIOS,
        action="append",
        help="only this scenario; may be given several times (default: all)",
    )
    add(
        "--subscribers",
        type=_count,
        default=1000,
        metavar="N",
        help="subscribers of the channel (default: %(default)s)",
    )
    add(
        "--messages",
        type=_count,
        default=300,
        metavar="N",
        help="messages of the saturated fan-out (default: %(default)s)",
    )
    add(
        "--in-flight",
        type=_count,
        default=16,
        metavar="N",
        help="unanswered publishes at a time (default: %(default)s)",
    )
    add(
        "--paced-messages",
        type=_count,
        default=50,
        metavar="N",
        help="messages of the paced fan-out (default: %(default)s)",
    )
    add("--paced-rate", type=float, default=10.0, metavar="R", help="paced messages a second (default: %(default)s)")
    add("--bytes", type=_count, default=220, metavar="N", help="bytes of a delivered message (default: %(default)s)")
    add("--idle", type=_count, default=5000, metavar="N", help="idle connections to weigh (default: %(default)s)")
    add(
        "--held",
        type=_count,
        default=9000,
        metavar="N",
        help="connections held at once in the end (default: %(default)s)",
    )
    add(
        "--repeat",
        type=_count,
        default=3,
        metavar="R",
        help="rounds; each measures every peer once (default: %(default)s)",
    )
    add(
        "--timeout",
        type=float,
        default=60.0,
        metavar="S",
        help="longest time for one measurement (default: %(default)s s)",
    )
    add(
        "--eager",
        action="store_true",
        help="read all clients at once, not a sample at once and the rest in sweeps (dearer)",
    )
    add("--json", type=Path, metavar="FILE", help="write every measurement as JSON")
    add("--svg", type=Path, metavar="FILE", help="draw the fan-out as a chart")
    add("--list", action="store_true", help="list the peers, with the reason for those that aren't here, and stop")
    return parser


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line, or leave with a message."""
    given = _parser().parse_args(arguments)
    return Options(
        peers=given.peers,
        scenarios=frozenset(given.only or SCENARIOS),
        subscribers=given.subscribers,
        messages=given.messages,
        in_flight=given.in_flight,
        paced_messages=given.paced_messages,
        paced_rate=given.paced_rate,
        frame_bytes=given.bytes,
        idle=given.idle,
        held=max(given.held, given.idle),
        repeat=given.repeat,
        timeout=given.timeout,
        eager=given.eager,
        json=given.json,
        svg=given.svg,
        list_peers=given.list,
    )
