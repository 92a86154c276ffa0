"""The options of `python -m benchmarks.resilience`, and the scenarios one after the other."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.resilience import avalanche, chart, crossing, publishing, report, subjects
from benchmarks.resilience.avalanche import Avalanche
from benchmarks.resilience.crossing import Crossing
from benchmarks.resilience.jitter import Jitter
from benchmarks.resilience.publishing import Publishing
from benchmarks.workshop import Absent, Workshop

SCENARIOS = ("publishing", "crossing", "jitter", "avalanche")


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure, and how much of it."""

    only: tuple[str, ...]
    faults: tuple[str, ...]
    peers: bool
    clients: int
    seconds: float
    rate: float
    crowd: int
    messages: int
    publishes: int
    json: Path | None
    svg: Path | None


def _names(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        given = tuple(part.strip() for part in text.split(",") if part.strip())
        if not given or set(given) - set(known):
            raise argparse.ArgumentTypeError(f"expected some of {', '.join(known)}, separated by commas; got {text!r}")
        return given

    return read


def _positive(text: str) -> float:
    with_point = float(text)
    if not 0 < with_point < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text}")
    return with_point


def _least(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"expected a whole number of at least {least}, got {text}")
        return int(text)

    return read


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; ends the process with a message when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resilience",
        description="Measures what becomes of messages when clients, workers and the broker go away, and what the way "
        "over Redis costs. Starts hubs with two workers and an embedded Valkey on loopback, and ends them.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--only", type=_names(SCENARIOS), default=",".join(SCENARIOS), help="scenarios, separated by commas")
    add("--faults", type=_names(tuple(subjects.FAULTS)), default=",".join(subjects.FAULTS), help="faults of jitter")
    add("--no-peers", dest="peers", action="store_false", help="jitter without Socket.IO")
    add("--clients", type=_least(1), default=1500, help="clients of jitter")
    add("--seconds", type=_positive, default=60.0, help="seconds that jitter publishes for")
    add("--rate", type=_positive, default=2.0, help="messages per second of jitter")
    add("--crowd", type=_least(1), default=3000, help="clients of avalanche")
    add("--messages", type=_least(10), default=500, help="messages of crossing, per round")
    add("--publishes", type=_least(publishing.AT_ONCE), default=100_000, help="publishes of publishing, per round")
    add("--json", type=Path, help="write what was measured to a file")
    add("--svg", type=Path, help="draw jitter to a file")
    return Options(**vars(parser.parse_args(arguments)))


class Suite:
    """Runs the scenarios, and keeps what came of them.

    Args:
        folder: for logs and data; nothing in it is needed later.
    """

    def __init__(self, options: Options, folder: Path, say: Callable[[str], None]) -> None:
        self.jitter: list[Jitter] = []
        self._options = options
        self._folder = folder
        self._say = say
        self._publishing: Publishing | None = None
        self._crossing: Crossing | None = None
        self._avalanche: Avalanche | None = None

    async def run(self) -> None:
        """Run what was asked for, and print each table as soon as it is complete.

        Raises:
            benchmarks.processes.Failed: something didn't work; what was measured before is kept.
        """
        options, folder, say = self._options, self._folder, self._say
        if "publishing" in options.only:
            say("publishing")
            self._publishing = await publishing.measure(options.publishes, folder, say)
            self._print(report.publishing(self._publishing))
        if "crossing" in options.only:
            say("crossing")
            self._crossing = await crossing.measure(options.messages, folder, say)
            self._print(report.crossing(self._crossing))
        if "jitter" in options.only:
            await self._measure_jitter()
            self._print(report.jitter(self.jitter))
        if "avalanche" in options.only:
            say("avalanche")
            self._avalanche = await avalanche.measure(options.crowd, folder, say)
            self._print(report.avalanche(self._avalanche))

    async def _measure_jitter(self) -> None:
        options, say = self._options, self._say
        shape = options.clients, options.rate, options.seconds
        for fault in options.faults:
            say(f"jitter: Tocsin, {fault}")
            self.jitter.append(await subjects.tocsin(fault, *shape, self._folder, say))
        workshop = Workshop(self._folder, say)
        for kind in subjects.RECOVERY if options.peers else ():
            say(f"jitter: Socket.IO, {kind}")
            try:
                self.jitter.append(await subjects.socket_io(kind, *shape, workshop, say))
            except Absent as reason:
                say(f"  not here: {reason}")

    def _print(self, text: str) -> None:
        print(f"\n{text}\n", flush=True)

    @property
    def whole(self) -> bool:
        """Whether Tocsin has lost nothing, and something was measured."""
        ours = [run.whole for run in self.jitter if run.subject.startswith(subjects.TOCSIN)]
        ours += [self._avalanche.whole] if self._avalanche else []
        return all(ours) and bool(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """What was measured, for a file."""
        parts: dict[str, Any] = {
            "publishing": self._publishing and asdict(self._publishing),
            "crossing": self._crossing and asdict(self._crossing),
            "jitter": [asdict(run) for run in self.jitter],
            "avalanche": self._avalanche and asdict(self._avalanche),
        }
        return {name: part for name, part in parts.items() if part}

    def drawn(self) -> str:
        """The chart of jitter."""
        return chart.draw(self.jitter, self._options.rate)
