"""Asking several servers the same thing, since some of them may be dead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, TypeVar

from channels.redis.config import Address
from channels.redis.connection import Lost

STAGGER: Final = 0.25
"""Seconds that one server has to itself before the next is asked as well."""

Answer = TypeVar("Answer")


async def first_answer(servers: Iterable[Address], ask: Callable[[Address], Coroutine[Any, Any, Answer]]) -> Answer:
    """Ask one server after the other and return the first answer. A silent one delays the next by `STAGGER` only.

    Raises:
        Lost: none answers; with what each said.
    """
    rest = iter(servers)
    asked: list[asyncio.Task[Answer]] = []
    waiting: set[asyncio.Task[Answer]] = set()
    reasons: list[str] = []
    try:
        while True:
            if (server := next(rest, None)) is not None:
                asked.append(asyncio.create_task(ask(server), name=f"ask {server}"))
                waiting.add(asked[-1])
            if not waiting:
                raise Lost("; ".join(reasons) or "no server is known")
            timeout = STAGGER if server is not None else None
            done, waiting = await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                try:
                    return task.result()
                except Lost as error:
                    reasons.append(str(error))
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
