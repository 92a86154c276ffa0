"""All acts at once, until time is up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from hub.demo import analyses, builds, queries, searches
from hub.demo.analyses import Pushed
from hub.demo.stage import Stage

log = structlog.get_logger(__name__)


async def play(stage: Stage, pushed: Pushed | None = None) -> None:
    """Play, until cancelled. An act that fails is told of, and takes no other one with it.

    Args:
        pushed: told of each commit of the demo's repository.
    """
    acts: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
        "database pool": lambda: queries.play(stage),
        "vector search": lambda: searches.play(stage),
        "error firewall": lambda: builds.play(stage),
        "code analysis": lambda: analyses.play(stage, pushed),
        "memory": stage.notebook.run,
    }
    async with asyncio.TaskGroup() as group:
        for name, act in acts.items():
            group.create_task(_guarded(stage, name, act), name=f"demo: {name}")


async def _guarded(stage: Stage, name: str, act: Callable[[], Awaitable[None]]) -> None:
    try:
        await act()
    except Exception as error:
        log.exception("an act of the demo failed", act=name)
        stage.telling(name)(f"failed: {type(error).__name__}: {error}")
