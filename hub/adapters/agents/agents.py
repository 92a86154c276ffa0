"""Accounts, agents and chat on the hub: up when their database is, and its tables are those of this version."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric

from agents.store.database import Database, DatabaseOptions
from agents.store.migrating import MigrationFailed, upgrade
from channels.errors import ErrorCode, ReplyError
from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.adapters.agents.accounts import may_register
from hub.adapters.agents.chat_commands import ChatCommands
from hub.adapters.agents.models import catalogue_options
from hub.adapters.agents.parts import Parts, assemble
from hub.adapters.agents.pool import observe
from hub.adapters.agents.pulse import Pulse
from hub.adapters.agents.shared import measure
from hub.adapters.pools import Pools
from hub.database.watch import dsn_of
from hub.options import Settings

log = structlog.get_logger(__name__)

RETRY: Final = (0.1, 5.0)
"""Seconds between two tries to bring up the tables: at first, and at most. Each time it is twice as long."""


class Agents:
    """The agents of this process.

    Attributes:
        registration: whether anybody may make an account.
        ready: whether the tables are those of this version. Before, everything answers `unavailable`.
        trouble: why not, for people.
    """

    name = "agents"

    def __init__(self, settings: Settings, hub: Surroundings, pools: Pools) -> None:
        options = settings.agents
        self.push = Push(hub.publish)
        self.registration = may_register(options.accounts, settings.server)
        self.ready = False
        self.trouble = "the database isn't there yet"
        self.database = Database(
            DatabaseOptions(
                dsn_of(settings.database),
                options.database_schema,
                options.database_role,
                options.pool_size,
                options.pool_overflow,
                options.acquire_timeout,
            )
        )
        self._observer = observe(self.database, settings, hub, self.push, pools)
        self._parts = assemble(settings, hub, self.database, self.push)
        self._forgets = hub.backends.backbone is None
        self._pulse = Pulse(self.database.is_there, hub.clock.monotonic)
        self._coming: asyncio.Task[None] | None = None
        hub.commands.extend(ChatCommands(lambda: self.parts).handlers())

    @property
    def parts(self) -> Parts:
        """What they are made of.

        Raises:
            ReplyError: `unavailable`, as long as they aren't `ready`.
        """
        if not self.ready:
            raise ReplyError(ErrorCode.UNAVAILABLE, f"the agents aren't up: {self.trouble}", retry_after=1)
        return self._parts

    async def start(self) -> None:
        """Begin to bring up the tables. The database may be away."""
        await self._observer.start()
        self._coming = asyncio.create_task(self._come(), name="agents come up")

    async def stop(self) -> None:
        """End, and close all connections."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)
        self.ready = False
        await self._parts.runs.stop()
        await self._parts.memory.stop()
        await self._parts.chat.stop()
        await self._parts.models.close()
        await self._observer.close()
        await self.database.close()

    async def adopt(self, settings: Settings) -> None:
        """Ask the language models of these options from now on; answers under way go on as they began."""
        await self._parts.models.adopt(catalogue_options(settings.agents))

    async def answers(self) -> bool:
        """Tell whether they can be used now: they are `ready`, and their database answers."""
        return self.ready and await self._pulse.beats()

    async def _come(self) -> None:
        delay, longest = RETRY
        while not await self._is_up():
            await asyncio.sleep(delay)
            delay = min(longest, 2 * delay)
        self.ready = True
        self._parts.chat.start()
        self._parts.memory.start()
        self._parts.runs.start()
        log.info("agents are up", schema=self.database.options.schema)

    async def _is_up(self) -> bool:
        try:
            await upgrade(self.database)
            if self._forgets:  # with Redis, Redis remembers what was revoked
                await self._parts.authentication.restore()
        except MigrationFailed as error:
            if self.trouble != str(error):
                log.error("the agents' tables can't be used", reason=str(error))
            self.trouble = str(error)
        except ReplyError as error:
            self.trouble = error.message
        except Exception:
            log.exception("the agents' tables can't be brought up")
            self.trouble = "their tables can't be brought up; the hub's log has the reason"
        else:
            return True
        return False

    def collect(self) -> Iterator[Metric]:
        """Measure them."""
        yield GaugeMetricFamily("tocsin_agents_ready", "1 when accounts, agents and chat can be used.", self.ready)
        yield from self._parts.memory.collect()
        yield from self._parts.runs.collect()
        yield from measure(self._parts.limiter)
