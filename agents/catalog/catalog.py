"""The agents of users: made, found, changed, deleted.

What is returned is never out of date: each call reads in its own transaction, or in the one that it is given, which
version of an agent is the right one. What the cache spares is reading and checking the configuration (up to 40 KB) when
that version is known. Other processes are told of each change, so that they don't keep what was deleted or replaced;
where such a word is lost, that ends with the cache's lifetime, and it was never answered with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from pydantic import ValidationError
from sqlalchemy import ColumnElement, func, literal, text, tuple_
from sqlalchemy.exc import IntegrityError

from agents.catalog.agent import Agent, AgentConfig, normal_name
from agents.catalog.cache import Cache
from agents.catalog.hooks import Hooks
from agents.catalog.starters import STARTERS
from agents.ports import Signals
from agents.store.scope import Scope, Work
from agents.store.tables import user_agents
from channels.errors import ErrorCode, ReplyError

log = structlog.get_logger(__name__)

TOPIC: Final = "agents.changed"

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
"""Held by who adds agents, until the transaction ends: so a user's limit holds also for two requests at once."""

_SUGGESTED: Final = 3
_columns = user_agents.c


class Catalog:
    """The agents of all users, each seen by its own.

    Attributes:
        hooks: what else is done when an agent is made or deleted.
        cache: of this process.

    Args:
        most: agents that a user may have.
    """

    def __init__(self, cache: Cache, signals: Signals, most: int) -> None:
        self.hooks = Hooks()
        self.cache = cache
        self._signals = signals
        self._most = most
        signals.listen(TOPIC, self._hear)

    async def list(self, scope: Scope) -> Sequence[Agent]:
        """Return all agents of a user, oldest first.

        Raises:
            ReplyError: `unavailable`.
        """
        return await self.page(scope, None, None)

    async def page(self, scope: Scope, limit: int | None, after: tuple[datetime, UUID] | None) -> Sequence[Agent]:
        """Return a piece of the list.

        Args:
            after: time and id of the agent that it comes after.

        Raises:
            ReplyError: `unavailable`.
        """
        async with scope.begin() as work:
            statement = work.select(user_agents).order_by(_columns.created_at, _columns.id).limit(limit)
            if after is not None:
                statement = statement.where(tuple_(_columns.created_at, _columns.id) > tuple_(*map(literal, after)))
            return [Agent.of(row) for row in await work.all(statement)]

    async def get(self, scope: Scope, id: UUID, work: Work | None = None) -> Agent:
        """Return an agent.

        Args:
            work: the transaction to look in; without it, one of its own.

        Raises:
            ReplyError: `not_found`, also for an agent of somebody else; `unavailable`.
        """
        agent = await self._find(scope, work, _columns.id == id)
        if agent is None:
            raise _not_found(id)
        return agent

    async def find(self, scope: Scope, name: str, work: Work | None = None) -> Agent | None:
        """Return the agent of a name, in whatever case; `None` without one.

        Raises:
            ReplyError: `unavailable`.
        """
        try:
            wanted = normal_name(name)
        except ReplyError:
            return None
        return await self._find(scope, work, func.lower(_columns.name) == func.lower(wanted))

    async def suggest(self, scope: Scope, name: str) -> Sequence[str]:
        """Return up to three names of agents that are like a name, the likeliest first; without any, the oldest ones.

        Raises:
            ReplyError: `unavailable`.
        """
        async with scope.begin() as work:
            rows = await work.all(work.select(user_agents, _columns.name).order_by(_columns.created_at, _columns.id))
        names = {row["name"].casefold(): str(row["name"]) for row in rows}
        close = get_close_matches(name[:100].casefold(), names, n=_SUGGESTED, cutoff=0.5)
        return [names[one] for one in close] or list(names.values())[:_SUGGESTED]

    async def create(self, scope: Scope, name: str, config: Mapping[str, Any] | None = None) -> Agent:
        """Make an agent: all of it, or nothing.

        Args:
            config: fields of `AgentConfig`; the others have their defaults, also when those change one day.

        Raises:
            ReplyError: `invalid_data`; `conflict` when the name is taken or there are as many as may be; `unavailable`,
                also for what the hooks need.
        """
        wanted = normal_name(name)
        try:
            async with scope.begin() as work:
                await work.run(_LOCK, {"key": scope.key})
                await self._check_room(work, 1)
                return await self._insert(scope, work, wanted, dict(config or {}))
        except IntegrityError:
            raise _taken(wanted) from None

    async def add_starters(self, scope: Scope) -> Sequence[Agent]:
        """Add what a user doesn't have of the starter set, by name; return what was added: all of it, or nothing.

        Raises:
            ReplyError: `conflict` when there is no room; `unavailable`.
        """
        async with scope.begin() as work:
            await work.run(_LOCK, {"key": scope.key})
            rows = await work.all(work.select(user_agents, func.lower(_columns.name).label("name")))
            there = {row["name"] for row in rows}
            absent = [starter for starter in STARTERS if starter.name.lower() not in there]
            await self._check_room(work, len(absent))
            return [await self._insert(scope, work, one.name, one.config) for one in absent]

    async def update(
        self,
        scope: Scope,
        id: UUID,
        *,
        name: str | None = None,
        config: Mapping[str, Any] | None = None,
        version: int | None = None,
    ) -> Agent:
        """Change an agent's name, or some of its configuration. Its memory and its sessions stay its own.

        Args:
            config: fields to change; `None` gives a field its default back.
            version: change it only if it has this version.

        Raises:
            ReplyError: `not_found`; `conflict` when the name is taken or the version is another; `invalid_data`;
                `unavailable`.
        """
        wanted = None if name is None else normal_name(name)
        try:
            async with scope.begin() as work:
                before = await self._locked(work, id)
                if version is not None and before["version"] != version:
                    message = f"the agent has version {before['version']} now, not {version}; read it again"
                    raise ReplyError(ErrorCode.CONFLICT, message, version=before["version"])
                agent = await self._change(work, before, wanted or before["name"], config or {})
        except IntegrityError:
            raise _taken(wanted or "") from None
        if agent.version != before["version"]:
            self._tell(scope, id)
        return agent

    async def delete(self, scope: Scope, id: UUID) -> None:
        """Delete an agent: its tasks end, its queue and memory go. What it said stays in the sessions.

        Raises:
            ReplyError: `not_found`; `unavailable`, and the agent is still there.
        """
        await self.get(scope, id)
        await self.hooks.end(scope, id)
        await self.hooks.clear(scope, id)
        async with scope.begin() as work:
            await work.run(work.delete(user_agents).where(_columns.id == id))
        self._tell(scope, id)
        try:
            await self.hooks.clear(scope, id)
        except ReplyError as error:
            log.warning("what a deleted agent left can't be removed now", agent_id=str(id), reason=error.message)

    async def delete_all(self, scope: Scope) -> None:
        """Delete all agents of a user. They are stopped together, so that many take no longer than one.

        Raises:
            ReplyError: `unavailable`; some may still be there.
        """
        ids = [agent.id for agent in await self.list(scope)]
        for outcome in await asyncio.gather(*(self.hooks.end(scope, id) for id in ids), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        for id in ids:
            try:
                await self.delete(scope, id)
            except ReplyError as error:
                if error.code is not ErrorCode.NOT_FOUND:  # somebody else was faster
                    raise

    async def _find(self, scope: Scope, work: Work | None, which: ColumnElement[bool]) -> Agent | None:
        if work is None:
            async with scope.begin() as own:
                return await self._find(scope, own, which)
        row = await work.one(work.select(user_agents, _columns.id, _columns.version, _columns.status).where(which))
        if row is None:
            return None
        known = self.cache.take(scope.key, row["id"], row["version"])
        if known is not None:
            return replace(known, status=row["status"])
        whole = await work.one(work.select(user_agents).where(_columns.id == row["id"]))
        if whole is None:
            return None
        agent = Agent.of(whole)
        self.cache.put(scope.key, agent)
        return agent

    async def _check_room(self, work: Work, more: int) -> None:
        number = await work.scalar(work.select(user_agents, func.count()))
        if more and number + more > self._most:
            message = f"a user may have {self._most} agents (agents.agents_per_user); delete one first"
            raise ReplyError(ErrorCode.CONFLICT, message, limit=self._most)

    async def _insert(self, scope: Scope, work: Work, name: str, config: Mapping[str, Any]) -> Agent:
        fields = _checked(config)
        id = uuid4()
        now = func.clock_timestamp()  # not the transaction's time: agents made together keep their order
        values = {"name": name, "config": fields, "created_at": now, "updated_at": now}
        made = await work.one(work.insert(user_agents, id=id, **values).returning(*_columns))
        assert made is not None
        await self.hooks.make_room(scope, id)
        return Agent.of(made)

    @staticmethod
    async def _locked(work: Work, id: UUID) -> Mapping[Any, Any]:
        row = await work.one(work.select(user_agents).where(_columns.id == id).with_for_update(key_share=True))
        if row is None:
            raise _not_found(id)
        return row

    @staticmethod
    async def _change(work: Work, before: Mapping[Any, Any], name: str, changes: Mapping[str, Any]) -> Agent:
        kept = {field: value for field, value in before["config"].items() if field not in changes}
        config = kept | _checked(changes)
        if (name, config) == (before["name"], before["config"]):
            return Agent.of(before)
        change = work.update(user_agents).where(_columns.id == before["id"])
        values = {"name": name, "config": config, "version": _columns.version + 1, "updated_at": func.now()}
        after = await work.one(change.values(**values).returning(*_columns))
        assert after is not None
        return Agent.of(after)

    def _tell(self, scope: Scope, id: UUID) -> None:
        self.cache.drop(scope.key, id)
        self._signals.tell(TOPIC, {"owner": scope.key, "agent": str(id)})

    def _hear(self, word: Mapping[str, Any]) -> None:
        self.cache.drop(str(word["owner"]), UUID(word["agent"]))


def _checked(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of fields: those that were given, with values other than `None`."""
    given = {name: value for name, value in config.items() if value is not None}
    try:
        return AgentConfig.model_validate(given).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
        path = ".".join(map(str, wrong["loc"]))
        raise ReplyError(ErrorCode.INVALID_DATA, f"config.{path[:100]}: {wrong['msg']}") from None


def _not_found(id: UUID) -> ReplyError:
    return ReplyError(ErrorCode.NOT_FOUND, f"no agent has the id {id}")


def _taken(name: str) -> ReplyError:
    return ReplyError(ErrorCode.CONFLICT, f"an agent is called {name} already; names differ in more than case")
