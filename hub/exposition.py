"""The metrics of all processes as one text. Processes that share a port can't be scraped one by one: a request reaches
any of them. So the one that is asked gathers what the others have, and the label `node` tells them apart.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from channels.clock import Clock
from hub.peers import Peers, Question

FRESH: Final = 1.0
"""Seconds that a gathered text is good for: who asks more often doesn't make all processes write theirs each time."""

_QUESTION: Final = "metrics"


class Exposition:
    """Gathers.

    Args:
        expose: writes this process's metrics in Prometheus's text format.
        peers: those to ask. Where there never are any, there is no label `node`.
    """

    def __init__(self, expose: Callable[[], bytes], peers: Peers, clock: Clock) -> None:
        self._expose = expose
        self._peers = peers
        self._clock = clock
        self._text = b""
        self._good_until = float("-inf")
        self._gathering = asyncio.Lock()
        peers.answer(_QUESTION, self._asked)

    def of_process(self) -> bytes:
        """Write the metrics of this process."""
        return self._expose()

    async def of_hub(self) -> bytes:
        """Write the metrics of all processes that answer in time, and how many those are."""
        if self._peers.alone:
            return self._expose()
        async with self._gathering:
            if self._clock.monotonic() >= self._good_until:
                self._text = await self._gather()
                self._good_until = self._clock.monotonic() + FRESH
            return self._text

    async def _gather(self) -> bytes:
        answers = await self._peers.ask(_QUESTION, {})
        texts = [self._labelled(), *(str(answers.by_node[node]) for node in sorted(answers.by_node))]
        totals = {"tocsin_nodes": len(texts), "tocsin_nodes_missing": len(answers.missing)}
        return merge(texts, totals).encode()

    def _labelled(self) -> str:
        return label(self._expose().decode(), self._peers.node)

    async def _asked(self, _about: Question) -> str:
        return self._labelled()


def label(text: str, node: str) -> str:
    """Give every sample of an exposition the label `node`. `node` needs no escaping: it is a name of the hub's own."""
    return "".join(line if line.startswith("#") else _with_label(line, node) for line in text.splitlines(True))


def _with_label(line: str, node: str) -> str:
    # A label's value may hold braces and spaces; the name before it can't.
    name, brace, rest = line.partition("{")
    if brace and " " not in name:
        return f'{name}{{node="{node}",{rest}'
    name, _, value = line.partition(" ")
    return f'{name}{{node="{node}"}} {value}'


def merge(texts: Iterable[str], totals: Mapping[str, int]) -> str:
    """Put expositions together: each family once, with the samples of all.

    Args:
        totals: by name, families whose samples this one value takes the place of.
    """
    families: dict[str, list[str]] = {}
    for text in texts:
        for head, samples in _families(text):
            families.setdefault(head, []).append(samples)
    for head in families:
        name = head.split(" ", 3)[2]
        if name in totals:
            families[head] = [f"{name} {totals[name]}\n"]
    return "".join(head + "".join(samples) for head, samples in families.items())


def _families(text: str) -> Iterator[tuple[str, str]]:
    """Split into families: each begins with its line `# HELP`, and may have no samples yet."""
    for part in re.split("^(?=# HELP )", text, flags=re.MULTILINE):
        lines = part.splitlines(True)
        if lines:
            head = [line for line in lines if line.startswith("#")]
            yield "".join(head), "".join(lines[len(head) :])
