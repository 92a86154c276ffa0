"""Watching the pool of an SQLAlchemy async engine by its events. The only module that needs SQLAlchemy."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import greenlet  # type: ignore[import-untyped]
from sqlalchemy import event, exc
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from channels import Clock
from channels.push import Push
from integrations.db_pool.observing import Gauge, Observer
from integrations.db_pool.options import PoolOptions


def observe_engine(
    engine: AsyncEngine,
    push: Push | None = None,
    options: PoolOptions | None = None,
    clock: Clock | None = None,
    node: str | None = None,
) -> Observer:
    """Watch an engine's pool; `start` what this returns, and `close` it before the engine's end. The engine is used as
    before, and its pool is not resized: SQLAlchemy has no way to.

    SQLAlchemy tells of a connection that was lent, and not of one that is asked for. So `connect` of the pool is
    wrapped to measure the wait, which includes opening a connection where that is needed.

    Raises:
        TypeError: the pool isn't a `QueuePool` (as `AsyncAdaptedQueuePool`, an async engine's usual one, is), and has
            no size that could be told.
    """
    _queue_pool(engine.sync_engine)
    observer = Observer(lambda: _gauge(_queue_pool(engine.sync_engine)), push, options, clock, node)
    _listen_to_pool(engine.sync_engine, observer)
    _listen_to_queries(engine.sync_engine, observer)
    return observer


def _queue_pool(engine: Engine) -> QueuePool:
    if not isinstance(engine.pool, QueuePool):
        raise TypeError(f"expected an engine with a QueuePool, came one with {type(engine.pool).__name__}")
    return engine.pool


def _gauge(pool: QueuePool) -> Gauge:
    """Ask the pool. Its `overflow()` is below 0 until as many connections as its size were opened: what counts is how
    many there are."""
    size, idle = pool.size(), pool.checkedin()
    most = pool._max_overflow
    return Gauge(size, max(0, pool.checkedout()) + idle, idle, None if most < 0 else size + most)


def _listen_to_pool(engine: Engine, observer: Observer) -> None:
    def checkin(_dbapi: object, record: Any) -> None:
        observer.returned(record)

    def invalidate(_dbapi: object, record: Any, error: BaseException | None) -> None:
        if error is not None:
            observer.lost(record)

    event.listen(engine.pool, "checkin", checkin)
    event.listen(engine.pool, "invalidate", invalidate)
    _wrap(_queue_pool(engine), observer)


def _wrap(pool: QueuePool, observer: Observer) -> None:
    """See who asks a pool for a connection, who gets one, and the pool that takes its place when the engine is disposed
    of, which has the listeners of the old one. An event of the engine would tell of that too, but with one listener of
    its own an engine tells all events of all statements."""
    inner, again = pool.connect, pool.recreate

    def connect() -> PoolProxiedConnection:
        key = object()
        observer.asked(key)
        try:
            connection = inner()
        except exc.TimeoutError:
            observer.timed_out(key)
            raise
        except BaseException as error:
            observer.answered(key, error)
            raise
        observer.answered(key)
        observer.borrowed(connection._connection_record, _borrower())
        return connection

    def recreate() -> QueuePool:
        made = again()
        _wrap(made, observer)
        return made

    # On this pool alone, which the type checker takes for a mistake.
    setattr(pool, "connect", connect)  # noqa: B010
    setattr(pool, "recreate", recreate)  # noqa: B010


def _listen_to_queries(engine: Engine, observer: Observer) -> None:
    """Stand between SQLAlchemy and the driver. With one listener to `before_cursor_execute` and its
    kin, SQLAlchemy tells all events of each statement, and that costs far more than what is done here."""
    dialect, note, clock = engine.dialect, observer.queries.note, time.monotonic

    def timed(work: Callable[..., None]) -> Callable[..., bool]:
        def execute(cursor: Any, statement: str, *rest: Any) -> bool:
            begun = clock()
            try:
                work(cursor, statement, *rest)
            except BaseException as error:
                note(statement, clock() - begun, error)
                raise
            note(statement, clock() - begun, None)
            return True  # or SQLAlchemy would execute it

        return execute

    for name in ("do_execute", "do_executemany", "do_execute_no_params"):
        event.listen(engine, name, timed(getattr(dialect, name)))


def _borrower() -> FrameType | None:
    """The frame of the coroutine that wants a connection: SQLAlchemy works in a greenlet beside it."""
    parent = greenlet.getcurrent().parent
    return None if parent is None else parent.gr_frame
