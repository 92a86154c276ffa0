"""Entry point: `python -m benchmarks.resilience`."""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.resilience import avalanche, crossing, jitter, publishing, report

SCENARIOS = ("jitter", "avalanche", "crossing", "publishing")


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resilience",
        description="Measures what becomes of messages when clients, workers and the broker go away, and what the way "
        "over Redis costs. Starts hubs with two workers and an embedded Valkey on loopback.",
    )
    parser.add_argument("--only", default=",".join(SCENARIOS), help="scenarios, separated by commas")
    parser.add_argument("--clients", type=int, default=1500, help="clients of jitter (default 1500)")
    parser.add_argument("--crowd", type=int, default=3000, help="clients of avalanche (default 3000)")
    parser.add_argument("--seconds", type=float, default=45.0, help="seconds that jitter publishes for (default 45)")
    parser.add_argument("--rate", type=float, default=2.0, help="messages per second of jitter (default 2)")
    parser.add_argument("--faults", default=",".join(jitter.FAULTS), help="faults of jitter, separated by commas")
    parser.add_argument("--messages", type=int, default=500, help="messages of crossing, per round (default 500)")
    parser.add_argument("--publishes", type=int, default=100_000, help="publishes of publishing (default 100000)")
    parser.add_argument("--json", type=Path, help="write what was measured to a file")
    options = parser.parse_args()
    options.only = options.only.split(",")
    unknown = set(options.only) - set(SCENARIOS)
    if unknown:
        parser.error(f"unknown scenario: {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    return options


async def _run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    measured: dict[str, Any] = {}
    if "publishing" in options.only:
        _say("publishing")
        rates = await publishing.measure(options.publishes, folder)
        print(report.publishing(rates) + "\n", flush=True)
        measured["publishing"] = asdict(rates)
    if "crossing" in options.only:
        _say("crossing")
        delays = await crossing.measure(options.messages, folder)
        print(report.crossing(delays) + "\n", flush=True)
        measured["crossing"] = asdict(delays)
    if "jitter" in options.only:
        runs = []
        for fault in options.faults.split(","):
            _say(f"jitter, {fault}")
            runs.append(await jitter.measure(fault, options.clients, options.seconds, options.rate, folder))
        print(report.jitter(runs) + "\n", flush=True)
        measured["jitter"] = [asdict(run) for run in runs]
    if "avalanche" in options.only:
        _say("avalanche")
        fall = await avalanche.measure(options.crowd, folder)
        print(report.avalanche(fall) + "\n", flush=True)
        measured["avalanche"] = asdict(fall)
    return measured


def main() -> int:
    """Run what was asked for."""
    options = _parse()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as directory:
        measured = asyncio.run(_run(options, Path(directory)))
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
