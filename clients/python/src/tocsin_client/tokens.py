"""Where tokens come from: a text, a file that somebody rewrites, or a function that makes new ones."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path

Token = str | Callable[[], str] | None
"""For publishing."""
AnyToken = str | Callable[[], str | Awaitable[str]] | None
"""For subscribing: a function may be a coroutine function."""


def token_file(path: str | Path) -> Callable[[], str]:
    """Make a token source of a file, which is read anew each time."""
    return lambda: Path(path).read_text(encoding="utf-8").strip()


def current(token: Token) -> str | None:
    """Ask a source for the token."""
    return token() if callable(token) else token


async def fresh(token: AnyToken) -> str | None:
    """Ask a source for the token, and wait for it."""
    if not callable(token):
        return token
    given = token()
    return await given if inspect.isawaitable(given) else given


def authorization(token: str | None) -> dict[str, str]:
    """Return the header that carries a token.

    Raises:
        ValueError: no header can carry it. It is not repeated.
    """
    if token is None:
        return {}
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        raise ValueError("token: expected printable ASCII without spaces")
    return {"Authorization": f"Bearer {token}"}
