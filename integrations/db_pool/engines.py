"""Watching the pool of an SQLAlchemy async engine by its events. The only module that needs SQLAlchemy."""

from __future__ import annotations

import time
from types import FrameType
from typing import Any, Final

import greenlet  # type: ignore[import-untyped]
from sqlalchemy import event, exc
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from channels import Clock
from channels.push import Push
from integrations.db_pool.observing import Gauge, Observer
from integrations.db_pool.options import PoolOptions

_BEGUN: Final = "tocsin_query_begun"
"""Where a query's beginning is kept: in the `info` of its connection."""


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
    def checkout(_dbapi: object, record: Any, _proxy: object) -> None:
        observer.borrowed(record, _borrower())

    def checkin(_dbapi: object, record: Any) -> None:
        observer.returned(record)

    def invalidate(_dbapi: object, record: Any, error: BaseException | None) -> None:
        if error is not None:
            observer.lost(record)

    def disposed(engine: Engine) -> None:
        _time_waits(_queue_pool(engine), observer)  # the engine has a new pool now, which has the listeners of the old

    event.listen(engine.pool, "checkout", checkout)
    event.listen(engine.pool, "checkin", checkin)
    event.listen(engine.pool, "invalidate", invalidate)
    event.listen(engine, "engine_disposed", disposed)
    _time_waits(_queue_pool(engine), observer)


def _time_waits(pool: QueuePool, observer: Observer) -> None:
    inner = pool.connect

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
        return connection

    setattr(pool, "connect", connect)  # noqa: B010 - on this pool alone, which the type checker takes for a mistake


def _listen_to_queries(engine: Engine, observer: Observer) -> None:
    def before(connection: Any, *_: object) -> None:
        connection.info[_BEGUN] = time.monotonic()

    def after(connection: Any, _cursor: object, statement: str, *_: object) -> None:
        begun = connection.info.pop(_BEGUN, None)
        if begun is not None:
            observer.queries.note(statement, time.monotonic() - begun, None)

    def failed(context: Any) -> None:
        connection = context.connection
        begun = connection.info.pop(_BEGUN, None) if connection is not None and not connection.invalidated else None
        if context.statement is not None:
            seconds = 0.0 if begun is None else time.monotonic() - begun
            observer.queries.note(context.statement, seconds, context.original_exception)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "handle_error", failed)


def _borrower() -> FrameType | None:
    """The frame of the coroutine that wants a connection: SQLAlchemy works in a greenlet beside it."""
    parent = greenlet.getcurrent().parent
    return None if parent is None else parent.gr_frame
