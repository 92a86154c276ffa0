"""Where the demo plays: a folder that goes with it, a PostgreSQL in it, and a hub, unless there is one already."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from hub.database.embedded import EmbeddedPostgres
from hub.database.program import installed
from hub.embedded.folder import StoreFailed
from hub.notify import Inbox
from hub.options import Settings
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import build

_PREFIX: Final = "tocsin-demo-"
_POSTGRES: Final = {"fsync": "off", "max_connections": "60"}
"""Nothing of the demo has to outlive a power cut."""


@asynccontextmanager
async def folder() -> AsyncIterator[Path]:
    """Make a folder, and remove it with all that is in it."""
    await _sweep()
    made = await asyncio.to_thread(_make)
    try:
        yield made
    finally:
        await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)


async def _sweep() -> None:
    """End and remove what a demo left that was killed: its server is there, and nobody holds the folder's lock."""
    for left in await asyncio.to_thread(_others):
        server = EmbeddedPostgres(left / "postgres", installed(), _POSTGRES)
        try:
            await server.start()
        except (StoreFailed, OSError):
            continue
        finally:
            await server.stop()
        await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)


def _others() -> list[Path]:
    """Find the folders of our other demos. One that only begins has no data yet."""
    found = []
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if folder.stat().st_uid == os.geteuid() and (folder / "postgres" / "data" / "PG_VERSION").exists():
                found.append(folder)
        except OSError:
            continue
    return found


def _make() -> Path:
    made = Path(tempfile.mkdtemp(prefix=_PREFIX))
    if os.geteuid() == 0:
        # PostgreSQL's user must pass; what it may see inside, each folder there says itself.
        made.chmod(0o711)
    return made


@asynccontextmanager
async def database(around: Path) -> AsyncIterator[str]:
    """Run a PostgreSQL in a folder in `around`; gives its DSN.

    Raises:
        hub.embedded.folder.StoreFailed: it can't be started.
    """
    server = EmbeddedPostgres(around / "postgres", installed(), _POSTGRES)
    try:
        yield await server.start()
    finally:
        await server.stop()


@asynccontextmanager
async def own_hub(settings: Callable[[], Settings]) -> AsyncIterator[tuple[Server, Inbox]]:
    """Run a hub; gives it with the inbox that it publishes from.

    Raises:
        OSError: the address can't be had.
    """
    inbox = Inbox()
    server = Server(build(settings(), inbox=inbox))
    await server.start()
    try:
        yield server, inbox
    finally:
        await server.stop()


def settings_for(port: int, dsn: str, secret: str) -> Settings:
    """Return the configuration of the demo's hub: open on loopback, with its own numbers more often than usual."""
    options: dict[str, Any] = {
        "server.port": port,
        "server.drain": 0.5,
        "websocket.close_timeout": 1.0,
        "system_stats.interval": 5.0,
        "log.level": "warning",
        "database.url": dsn,
        "error_firewall.enabled": bool(dsn),
        "webhooks.gitea.enabled": True,
        "webhooks.gitea.secret": secret,
        "webhooks.gitea.logins": True,
    }
    return load(Source(None, {}), options)


def new_secret() -> str:
    """Make a secret for the demo's webhooks."""
    return secrets.token_urlsafe(32)
