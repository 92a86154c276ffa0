"""Which agent a message is for."""

from __future__ import annotations

from uuid import UUID

from agents.catalog.agent import Agent
from agents.catalog.catalog import Catalog
from agents.runs.mentions import first_mention
from agents.sessions.run import Request
from agents.store.scope import Scope, Work
from agents.store.tables import tasks, user_agents
from channels.errors import ErrorCode, ReplyError


async def addressee(catalog: Catalog, scope: Scope, work: Work, session_id: UUID, request: Request) -> Agent | None:
    """Find the agent that a message is for: the one that the request names, or that the text calls by `@name`; else the
    session's last one; else the user's only one. `None` when none of this leads to one; then `unclear` says why.

    Raises:
        ReplyError: `not_found` for an id that no agent has; `unavailable`.
    """
    if (target := _target(request)) is not None:
        return await _named(catalog, scope, work, target)
    if (mention := first_mention(request.content)) is not None:
        for name in mention.names():
            if (agent := await catalog.find(scope, name, work)) is not None:
                return agent
        return None
    last = await _last(work, session_id)
    if last is None:
        ids = await work.all(work.select(user_agents, user_agents.c.id).limit(2))
        last = ids[0]["id"] if len(ids) == 1 else None
    return None if last is None else await catalog.get(scope, last, work)


async def unclear(catalog: Catalog, scope: Scope, request: Request) -> ReplyError:
    """Refuse a message that is for nobody: `not_found` with `suggestions` for a name that no agent has, `invalid_data`
    with `agents` when nobody is named."""
    if (target := _target(request)) is not None:
        return await _unknown(catalog, scope, target)
    if (mention := first_mention(request.content)) is not None:
        return await _unknown(catalog, scope, mention.text)
    return await _unclear(catalog, scope)


def _target(request: Request) -> str | None:
    return request.target_agent.strip().removeprefix("@") if request.target_agent else None


async def _named(catalog: Catalog, scope: Scope, work: Work, target: str) -> Agent | None:
    try:
        id = UUID(target)
    except ValueError:
        return await catalog.find(scope, target, work)
    return await catalog.get(scope, id, work)


async def _last(work: Work, session_id: UUID) -> UUID | None:
    last: UUID | None = await work.scalar(
        work.select(tasks, tasks.c.agent_id)
        .where(tasks.c.session_id == session_id, tasks.c.agent_id.is_not(None))
        .order_by(tasks.c.created_at.desc())
        .limit(1)
    )
    return last


async def _unknown(catalog: Catalog, scope: Scope, name: str) -> ReplyError:
    suggestions = await catalog.suggest(scope, name)
    shown = name[:64]
    like = f"; there is {', '.join(suggestions)}" if suggestions else "; make one first (POST /my/agents/)"
    return ReplyError(ErrorCode.NOT_FOUND, f"no agent is called {shown}{like}", suggestions=suggestions)


async def _unclear(catalog: Catalog, scope: Scope) -> ReplyError:
    names = await catalog.suggest(scope, "")
    if not names:
        return ReplyError(ErrorCode.INVALID_DATA, "there is no agent to answer; make one (POST /my/agents/)", agents=[])
    listed = ", ".join(names)
    message = f"expected target_agent or an @name in the message, because there are several agents, such as {listed}"
    return ReplyError(ErrorCode.INVALID_DATA, message, agents=names)
