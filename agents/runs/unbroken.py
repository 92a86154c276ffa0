"""Work that is cancelled only when it is asked twice."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def unbroken(work: Coroutine[Any, Any, T]) -> tuple[T, bool]:
    """Run a transaction to its end though the caller is cancelled meanwhile; tell whether that happened.

    A transaction that is cut off may have been committed or not. A second cancel ends it nevertheless: who asks for
    that lets somebody else clean up.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task), False
    except asyncio.CancelledError:
        if task.cancelled():
            raise
        caller = asyncio.current_task()
        assert caller is not None
        caller.uncancel()
        return await task, True
