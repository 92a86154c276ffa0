"""Reading the configuration again while a hub runs: what is taken at once, and what waits for a restart.

A changed option that can't be taken stays as it is in force. A file with anything wrong in it changes nothing.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from hub.options import ChannelsOptions, ServerOptions, Settings
from hub.settings import SettingsError

log = structlog.get_logger(__name__)

Reread = Callable[[], Settings]
"""Reads the configuration from where it was read at the start. Raises `SettingsError`."""

LIVE: Final = {
    "agents": ("providers", "default_model", "fallback_models"),
    "server": ("origins", "hosts", "trusted_proxies", "drain"),
    "limits": (
        "commands_per_second",
        "command_burst",
        "batch",
        "errors_per_minute",
        "subscriptions",
        "connections",
        "connections_per_ip",
        "queued_bytes",
        "http_requests_per_second",
        "notify_queue",
        "notify_queue_bytes",
    ),
    "auth": ("audience", "issuer", "anonymous", "public_metrics"),
    "log": ("level", "format", "access"),
}
"""Options that a running hub takes, beside the channels, and beside keys and certificates where it had some before.

`auth.leeway` and `auth.max_lifetime` are not among them: they say how long a revocation must be kept.
"""

_CERTIFICATE = ("tls_certificate", "tls_key")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a reload does.

    Attributes:
        settings: what is in force afterwards.
        taken: paths of the options that change now.
        restart: paths of those that changed, and can't be taken.
    """

    settings: Settings
    taken: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()


def plan(old: Settings, new: Settings) -> Plan:
    """Compare what is in force with what was read."""
    taken: list[str] = []
    restart: list[str] = []
    sections: dict[str, Any] = {}
    for section, after in new:
        before = getattr(old, section)
        if isinstance(after, ChannelsOptions):
            sections[section] = after
            # What a channel states itself wins over a more general section, also when it states the same as that.
            if before.model_dump(exclude_unset=True) != after.model_dump(exclude_unset=True):
                taken.append(section)
            continue
        kept: dict[str, Any] = {}
        for option, value in after:
            was = getattr(before, option)
            live = _is_live(old, new, section, option)
            if value != was:
                (taken if live else restart).append(f"{section}.{option}")
            if not live:
                kept[option] = was
        sections[section] = after.model_copy(update=kept)
    return Plan(old.model_copy(update=sections), tuple(taken), tuple(restart))


def _is_live(old: Settings, new: Settings, section: str, option: str) -> bool:
    if (section, option) == ("auth", "keys"):
        # With the first key, and without the last one, all connections there are would be someone else's.
        return bool(old.auth.keys) == bool(new.auth.keys)
    if section == "server" and option in _CERTIFICATE:
        return bool(old.server.tls_certificate) == bool(new.server.tls_certificate)
    return option in LIVE.get(section, ())


async def read(source: Reread) -> Settings | None:
    """Read anew, beside the loop, which goes on serving; `None` when it can't be used, and the log then says why."""
    try:
        settings = await asyncio.to_thread(source)
        await asyncio.to_thread(tls_context, settings.server)
    except SettingsError as error:
        log.error("the configuration can't be used; nothing is changed", problems=len(error.problems))
        for problem in error.problems:
            log.error(problem)
        return None
    except OSError as error:
        log.error("server.tls_certificate, server.tls_key: can't be used; nothing is changed", reason=str(error))
        return None
    return settings


async def reread(current: Settings, source: Reread) -> Plan | None:
    """Read anew and say in the log what becomes of it. Returns `None` when nothing may change."""
    settings = await read(source)
    if settings is None:
        return None
    planned = plan(current, settings)
    for option in planned.restart:
        log.warning("needs a restart; until then the old value holds", option=option)
    if "server.origins" in planned.taken:
        log.warning("needs a restart for CORS headers of the HTTP API; WebSocket takes it now", option="server.origins")
    return planned


def tls_context(options: ServerOptions) -> ssl.SSLContext | None:
    """Return the context for TLS, `None` without.

    Raises:
        OSError: certificate or key can't be used.
    """
    if not options.tls_certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.tls_certificate, options.tls_key)
    return context
