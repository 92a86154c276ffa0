"""Entry point: `python -m benchmarks.agents`. A new measurement joins `MEASUREMENTS`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import structlog

from benchmarks.agents import curve, direct, queries, streams, tokens
from benchmarks.agents.showing import groups, lines_of, table

MEASUREMENTS: Final[dict[str, Callable[[], Awaitable[Any]]]] = {
    queries.NAME: queries.measure,
    streams.NAME: streams.measure,
    direct.NAME: direct.measure,
    tokens.NAME: tokens.measure,
    curve.NAME: curve.measure,
}
"""By their names. Each gives dataclasses: one, or several, or lists of them."""


def _names(text: str) -> list[str]:
    given = [part.strip() for part in text.split(",") if part.strip()]
    if not given or set(given) - set(MEASUREMENTS):
        raise argparse.ArgumentTypeError(
            f"expected some of {', '.join(MEASUREMENTS)}, separated by commas; got {text!r}"
        )
    return given


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.agents",
        description="Measures what chat with agents costs. Starts hubs and a PostgreSQL of its own; the queries fill "
        "it with a million messages, which takes some minutes and 4 GB of the folder for temporary files.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--only", type=_names, default=",".join(MEASUREMENTS), help="measurements, separated by commas")
    parser.add_argument("--plans", action="store_true", help="print the plan of every statement of the queries")
    parser.add_argument("--json", type=Path, help="where to write all results")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for. 0 when all keep to their budgets, 1 otherwise."""
    options = _parse(arguments)
    if platform.system() != "Linux":
        sys.exit("the benchmarks need Linux: they read /proc")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    results: dict[str, Any] = {}
    for name in options.only:
        # Two cores do all of it: what else they have to do is in every figure.
        print(f"[{time.strftime('%H:%M:%S')}] {name}; {os.getloadavg()[0]:.1f} processes want a core", flush=True)
        results[name] = asyncio.run(_measured(name))
        for group in groups(results[name]):
            print(table(group) + "\n", flush=True)
            if options.plans:
                print("".join(lines_of(group)), flush=True)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        told = {name: [[asdict(item) for item in group] for group in groups(found)] for name, found in results.items()}
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        print(f"wrote {options.json}")
    over = [name for name, found in results.items() if not _verdict(found)]
    if over:
        print(f"over the budget: {', '.join(over)}")
    return int(bool(over))


def _verdict(found: Any) -> bool:
    return all(getattr(item, "within", True) for group in groups(found) for item in group)


async def _measured(name: str) -> Any:
    return await MEASUREMENTS[name]()


if __name__ == "__main__":
    sys.exit(main())
