"""What a pool raises of its own. Errors of the server and of the driver reach the borrower as they are."""

from __future__ import annotations


class PoolError(Exception):
    """The pool can't lend a connection."""


class PoolTimeout(PoolError, TimeoutError):
    """No connection became free in time."""


class PoolFull(PoolError):
    """So many borrowers wait already that another one would only make it worse."""


class PoolClosed(PoolError):
    """The pool isn't running: not started yet, or closed."""
