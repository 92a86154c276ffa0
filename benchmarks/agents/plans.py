"""How PostgreSQL did what it was asked: the plan of every statement that an engine executes, as it really ran.

Each connection has PostgreSQL's `auto_explain` tell its plans to the client: also the generic ones, to which it changes
when a prepared statement has been executed a few times, and those of statements within functions.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

BACKGROUND: Final = "in the background"
"""What isn't executed for a call that is measured: sweeps and upkeep."""

SETTLE_SECONDS: Final = 0.02
"""After a call, for its last plans to be read."""

_TELL: Final = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_analyze = on;
SET auto_explain.log_buffers = on;
SET auto_explain.log_format = json;
SET auto_explain.log_nested_statements = on;
SET client_min_messages = log;
"""

_call: ContextVar[str] = ContextVar("call", default=BACKGROUND)


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a plan.

    Attributes:
        removed: rows that it read and left out.
    """

    depth: int
    kind: str
    relation: str
    index: str
    rows: float
    loops: int
    removed: int
    ms: float

    def __str__(self) -> str:
        name = (
            self.kind + (f" using {self.index}" if self.index else "") + (f" on {self.relation}" * bool(self.relation))
        )
        left = f", {self.removed:,} left out" if self.removed else ""
        return f"{'  ' * self.depth}{name}: {self.rows:,.0f} rows x {self.loops:,}{left}, {self.ms:.3f} ms"


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement as it was executed.

    Attributes:
        call: for which; or `BACKGROUND`.
        buffers: pages that it looked at, of 8 kB.
        read: pages of them that weren't in PostgreSQL's own memory.
    """

    call: str
    statement: str
    ms: float
    buffers: int
    read: int
    nodes: tuple[Node, ...]

    @classmethod
    def of(cls, call: str, told: Mapping[str, Any]) -> Plan:
        """Read what `auto_explain` tells."""
        top = told["Plan"]
        nodes = tuple(_nodes(top, 0))
        hit, read = (int(top.get(f"Shared {kind} Blocks", 0)) for kind in ("Hit", "Read"))
        return cls(call, shape(told["Query Text"]), float(top["Actual Total Time"]), hit + read, read, nodes)

    @property
    def access(self) -> str:
        """Name the indexes by which it found its rows, and the tables that it read whole."""
        paths = (node.index or f"all of {node.relation}" * (node.kind == "Seq Scan") for node in self.nodes)
        return ", ".join(dict.fromkeys(path for path in paths if path))

    def scans(self, tables: Collection[str]) -> list[str]:
        """Name those of these tables that it read from one end to the other."""
        return [node.relation for node in self.nodes if node.kind == "Seq Scan" and node.relation in tables]


def brief(statement: str, characters: int = 70) -> str:
    """Say what a statement is about: its first word, and what follows its columns, which say little."""
    words = shape(statement)
    head, _, rest = words.partition(" ")
    return f"{head} {rest[rest.find('FROM ') :] if 'FROM ' in rest else rest}"[:characters]


def shape(statement: str) -> str:
    """Return a statement without the names of its parameters: lists of any length make one statement."""
    bare = re.sub(r"\$\d+(::[A-Z ]+(\[\])?)?", "?", " ".join(statement.split()))
    return re.sub(r"\?(, \?)+", "?", bare)


def _nodes(told: Mapping[str, Any], depth: int) -> Iterator[Node]:
    loops = int(told.get("Actual Loops", 1))
    yield Node(
        depth,
        told["Node Type"],
        told.get("Relation Name", ""),
        told.get("Index Name", ""),
        float(told.get("Actual Rows", 0)),
        loops,
        sum(int(told.get(name, 0)) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck")) * loops,
        float(told.get("Actual Total Time", 0)) * loops,
    )
    for below in told.get("Plans", ()):
        yield from _nodes(below, depth + 1)


class Plans:
    """Collects the plans of an engine's connections, those alone that are opened from now on.

    Attributes:
        found: the slowest run of each statement of each call.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.found: dict[tuple[str, str], Plan] = {}
        self._calls: dict[str, str] = {}
        self._last = BACKGROUND
        event.listen(engine.sync_engine, "connect", self._connected)
        event.listen(engine.sync_engine, "before_cursor_execute", self._executes)

    @asynccontextmanager
    async def of(self, call: str) -> AsyncIterator[None]:
        """Note what is executed in the block as a call's."""
        token = _call.set(call)
        try:
            yield
            await asyncio.sleep(SETTLE_SECONDS)
        finally:
            _call.reset(token)

    def _connected(self, connection: Any, _record: object) -> None:
        connection.driver_connection.add_log_listener(self._told)
        connection.run_async(lambda driver: driver.execute(_TELL))

    def _executes(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self._last = self._calls[statement] = _call.get()

    def _told(self, _connection: object, message: Any) -> None:
        _, is_plan, told = message.message.partition("plan:\n")
        if not is_plan:
            return
        read = json.loads(told)
        # What nobody here has executed, a function did: the statement that called it isn't done yet.
        plan = Plan.of(self._calls.get(read["Query Text"], self._last), read)
        if not any(node.relation for node in plan.nodes):
            return
        key = (plan.call, plan.statement)
        if key not in self.found or self.found[key].ms < plan.ms:
            self.found[key] = plan
