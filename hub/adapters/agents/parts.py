"""Puts the agents together."""

from __future__ import annotations

from dataclasses import dataclass

from agents.accounts.accounts import Accounts
from agents.accounts.authentication import Authentication
from agents.accounts.members import Members
from agents.catalog.cache import Cache
from agents.catalog.catalog import Catalog
from agents.models.catalogue import Catalogue
from agents.ports import RateLimiter, TaskQueue
from agents.store.database import Database
from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.adapters.agents.accounts import make_accounts
from hub.adapters.agents.chat import Chat, make_chat
from hub.adapters.agents.memory import AgentMemory
from hub.adapters.agents.models import catalogue_options
from hub.adapters.agents.runs import AgentRuns
from hub.adapters.agents.shared import limiter_for, queue_for
from hub.adapters.agents.signals import HubSignals
from hub.options import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """What the agents are made of, for the endpoints of `hub.http.api.my`.

    Attributes:
        authentication: register, sign in, refresh, sign out.
        accounts: the account of who calls.
        signals: short words to the other processes.
        chat: sessions, their logs and streams.
        catalog: the agents; `hooks` are for who keeps something of them.
        memory: what agents remember, and what works for it in the background.
        limiter: counts the requests of users; `None`: nobody does.
        queue: tasks that wait for agents.
        models: that answer.
        runs: the runs of messages, and their workers.
    """

    members: Members
    authentication: Authentication
    accounts: Accounts
    signals: HubSignals
    chat: Chat
    catalog: Catalog
    memory: AgentMemory
    limiter: RateLimiter | None
    queue: TaskQueue
    models: Catalogue
    runs: AgentRuns


def assemble(settings: Settings, hub: Surroundings, database: Database, push: Push) -> Parts:
    """Make all parts. None is started yet."""
    members = Members(database)
    signals = HubSignals(hub.backends.nodes, hub.tasks)
    catalog = _catalog(settings, hub, signals)
    authentication, accounts = make_accounts(settings, hub, database, members, catalog)
    memory = AgentMemory(settings.agents, database, push, hub.clock)
    catalog.hooks.prepare += (memory.prepare,)
    catalog.hooks.forget += (memory.forget,)
    chat = make_chat(settings, hub, database, signals)
    queue = queue_for(settings.agents, hub.backends.backbone, hub.clock)
    models = Catalogue(catalogue_options(settings.agents))
    runs = AgentRuns(
        settings.agents, database, chat, catalog, memory.memory, models, queue, signals, hub.node, hub.clock
    )
    return Parts(
        members=members,
        authentication=authentication,
        accounts=accounts,
        signals=signals,
        chat=chat,
        catalog=catalog,
        memory=memory,
        limiter=limiter_for(settings.agents, hub.backends.backbone, hub.clock),
        queue=queue,
        models=models,
        runs=runs,
    )


def _catalog(settings: Settings, hub: Surroundings, signals: HubSignals) -> Catalog:
    options = settings.agents
    cache = Cache(options.config_cache_agents, options.config_cache, hub.clock.monotonic)
    return Catalog(cache, signals, options.agents_per_user)
