"""Entry point: `python -m benchmarks.integrations`. A new measurement joins `MEASUREMENTS`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import platform
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from benchmarks.integrations import firewall, pool, pool_chart, threads, vectors
from benchmarks.table import Column, render

MEASUREMENTS: Final[dict[str, Callable[[], Awaitable[Any]]]] = {
    firewall.NAME: firewall.measure,
    pool.NAME: pool.measure,
    threads.NAME: threads.measure,
    vectors.NAME: vectors.measure,
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
        prog="python -m benchmarks.integrations",
        description="Measures what integrations cost who uses them. Starts hubs and a PostgreSQL of its own.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--only", type=_names, default=",".join(MEASUREMENTS), help="measurements, separated by commas")
    parser.add_argument("--svg", type=Path, help="where to draw the pool under a step load")
    parser.add_argument("--json", type=Path, help="where to write all results")
    return parser.parse_args(arguments)


def _rows(found: Any) -> list[list[Any]]:
    """Group dataclasses by their kind, in order."""
    groups: dict[type, list[Any]] = {}

    def add(value: Any) -> None:
        if is_dataclass(value) and not isinstance(value, type):
            groups.setdefault(type(value), []).append(value)
        elif isinstance(value, Sequence):
            for part in value:
                add(part)

    add(found)
    return list(groups.values())


def _table(values: list[Any]) -> str:
    """Show the plain fields: lists are for charts."""
    rows = [
        {name: value for name, value in asdict(item).items() if not isinstance(value, list | dict)} for item in values
    ]
    columns = [Column(name.replace("_", " "), left=isinstance(value, str)) for name, value in rows[0].items()]
    return render(columns, [[_cell(value) for value in row.values()] for row in rows])


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _verdict(found: Any) -> bool:
    return all(getattr(item, "within", True) for group in _rows(found) for item in group)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for. 0 when all keep to their budgets, 1 otherwise."""
    options = _parse(arguments)
    if platform.system() != "Linux":
        sys.exit("the benchmarks need Linux: they read /proc")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    results: dict[str, Any] = {}
    for name in options.only:
        print(f"[{time.strftime('%H:%M:%S')}] {name}", flush=True)
        results[name] = asyncio.run(_measured(name))
        for group in _rows(results[name]):
            print(_table(group) + "\n", flush=True)
    if options.svg and pool.NAME in results:
        options.svg.parent.mkdir(parents=True, exist_ok=True)
        options.svg.write_text(pool_chart.draw(results[pool.NAME][1]), encoding="utf-8")
        print(f"wrote {options.svg}")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        told = {name: [[asdict(item) for item in group] for group in _rows(found)] for name, found in results.items()}
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        print(f"wrote {options.json}")
    over = [name for name, found in results.items() if not _verdict(found)]
    if over:
        print(f"over the budget: {', '.join(over)}")
    return int(bool(over))


async def _measured(name: str) -> Any:
    return await MEASUREMENTS[name]()


if __name__ == "__main__":
    sys.exit(main())
