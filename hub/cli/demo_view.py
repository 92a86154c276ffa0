"""What a demo shows: a live table on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from hub.cli.demo_watch import Seen
from hub.cli.terminal import Colour, Terminal, visible

_EVERY: Final = 0.5
"""Seconds between two looks of the live table."""
_LINE_EVERY: Final = 10.0
"""Seconds between two lines in a pipe."""
_SHOWN: Final = ("summary", "reason", "name", "error_type", "query", "status", "pool_size", "total_queries", "progress")
"""Fields of a publication that say the most, in the order in which they are looked for."""


class View:
    """Shows what was seen, and what each act does.

    Args:
        url: of the hub, whose console is there.
    """

    def __init__(self, terminal: Terminal, seen: Mapping[str, Seen], doing: Mapping[str, str], url: str) -> None:
        self._terminal = terminal
        self._seen = seen
        self._doing = doing
        self._url = url

    async def run(self) -> None:
        """Show, until cancelled."""
        self._terminal.tell(f"the console is at {self._url}/", Colour.GREEN)
        if self._terminal.interactive:
            await self._live()
        while True:
            await asyncio.sleep(_LINE_EVERY)
            counts = ", ".join(f"{channel} {seen.count}" for channel, seen in self._seen.items())
            self._terminal.tell(counts, Colour.GREY)

    async def _live(self) -> None:
        console = Console(file=self._terminal.out, force_terminal=True, no_color=not self._terminal.colour_out)
        with Live(self._picture(), console=console, auto_refresh=False, transient=True) as live:
            while True:
                await asyncio.sleep(_EVERY)
                live.update(self._picture(), refresh=True)

    def _picture(self) -> Group:
        channels = Table("channel", "events", "types", "latest", title=f"{self._url}/", expand=True)
        for channel, seen in self._seen.items():
            types = "\n".join(f"{name} {number}" for name, number in seen.types.most_common())
            channels.add_row(channel, str(seen.count), Text(visible_lines(types)), Text(latest(seen)))
        acts = Table("act", "what it does", expand=True)
        for name, text in self._doing.items():
            acts.add_row(name, Text(visible(text)))
        return Group(channels, acts)

    def lines(self) -> Iterator[str]:
        """What came, for the end: a line for each channel."""
        for channel, seen in self._seen.items():
            types = ", ".join(f"{name} {number}" for name, number in seen.types.most_common())
            yield f"{channel}: {seen.count} events" + (f" ({visible(types)})" if types else "")


def visible_lines(text: str) -> str:
    """Make each line safe to show."""
    return "\n".join(map(visible, text.split("\n")))


def latest(seen: Seen) -> str:
    """Say of the newest publication what fits on a line."""
    if seen.latest is None:
        return "nothing yet"
    kind, data = seen.latest
    if not isinstance(data, dict):
        return visible(kind)
    fields: dict[str, Any] = data
    said = next((f"{name} {fields[name]}" for name in _SHOWN if fields.get(name) not in (None, "")), None)
    if said is None:
        numbers = [f"{name} {value}" for name, value in fields.items() if isinstance(value, int | float)]
        said = ", ".join(numbers[:3])
    return visible(f"{kind}: {said}"[:100])
