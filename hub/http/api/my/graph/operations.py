"""What can be asked for in GraphQL, and changed. Each field asks the handler of an endpoint, so it means the same."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from hub.http.api.my import accounts, agents, memories, models, runs, sessions
from hub.http.api.my.graph import types
from hub.http.api.my.graph.asking import Asking
from hub.http.api.my.graph.types import field
from hub.http.api.my.member import LIMIT, PageQuery

Asked = Info[Asking, None]


@strawberry.type(description="What the user has.")
class Query:
    """The fields of queries."""

    @field("Who asks.")
    async def me(self, info: Asked) -> types.Account:
        """See `GET /my/account`."""
        return await info.context.read(types.Account, accounts.get_account)

    @field("One's agents.")
    async def agents(self, info: Asked, limit: int = LIMIT, cursor: str | None = None) -> types.AgentPage:
        """See `GET /my/agents/`."""
        return await info.context.read(types.AgentPage, agents.list_agents, PageQuery, limit=limit, cursor=cursor)

    @field("An agent.")
    async def agent(self, info: Asked, id: strawberry.ID) -> types.Agent:
        """See `GET /my/agents/ID`."""
        return await info.context.read(types.Agent, agents.get_agent, agent_id=id)

    @field("One's chat sessions.")
    async def sessions(self, info: Asked, limit: int = LIMIT, cursor: str | None = None) -> types.SessionPage:
        """See `GET /my/chat/sessions/`."""
        return await info.context.read(types.SessionPage, sessions.list_sessions, PageQuery, limit=limit, cursor=cursor)

    @field("A chat session.")
    async def session(self, info: Asked, id: strawberry.ID) -> types.Session:
        """See `GET /my/chat/sessions/ID`."""
        return await info.context.read(types.Session, sessions.read_session, session_id=id)

    @field("A run.")
    async def run(self, info: Asked, id: strawberry.ID) -> types.Run:
        """See `GET /my/runs/ID`."""
        return await info.context.read(types.Run, runs.get_run, run_id=id)

    @field("What an agent remembers; with q, what fits that, by meaning and by words.")
    async def memories(
        self, info: Asked, agent: strawberry.ID, q: str | None = None, limit: int = LIMIT, cursor: str | None = None
    ) -> types.MemoryPage:
        """See `GET /my/agents/ID/memories/`."""
        query = memories.MemoriesQuery
        return await info.context.read(
            types.MemoryPage, memories.list_memories, query, agent_id=agent, q=q, limit=limit, cursor=cursor
        )

    @field("The language models that agents can be answered by.")
    async def models(self, info: Asked) -> types.Models:
        """See `GET /my/models`."""
        return await info.context.read(types.Models, models.list_models)


@strawberry.type(description="What the user can do. Each field counts as a request of its own.")
class Mutation:
    """The fields of mutations."""

    @field("Make an agent.")
    async def create_agent(self, info: Asked, name: str, config: types.AgentConfigInput | None = None) -> types.Agent:
        """See `POST /my/agents/`."""
        given = None if config is None else config.given()
        return await info.context.change(
            types.Agent, agents.create_agent, agents.CreateAgentBody, name=name, config=given
        )

    @field("Change an agent's name, or fields of its configuration.")
    async def update_agent(
        self,
        info: Asked,
        id: strawberry.ID,
        name: str | None = None,
        config: types.AgentConfigInput | None = None,
        version: int | None = None,
    ) -> types.Agent:
        """See `PATCH /my/agents/ID`."""
        given = None if config is None else config.given()
        body = agents.ChangeAgentBody
        return await info.context.change(
            types.Agent, agents.change_agent, body, agent_id=id, name=name, config=given, version=version
        )

    @field("Delete an agent with its memory; returns its id.")
    async def delete_agent(self, info: Asked, id: strawberry.ID) -> strawberry.ID:
        """See `DELETE /my/agents/ID`."""
        await info.context.change(object, agents.delete_agent, agent_id=id)
        return id

    @field("Make a chat session.")
    async def create_session(self, info: Asked, title: str = "") -> types.Session:
        """See `POST /my/chat/sessions/`."""
        return await info.context.change(
            types.Session, sessions.create_session, sessions.CreateSessionBody, title=title
        )

    @field("Give a chat session another title.")
    async def rename_session(self, info: Asked, id: strawberry.ID, title: str) -> types.Session:
        """See `PATCH /my/chat/sessions/ID`."""
        body = sessions.ChangeSessionBody
        return await info.context.change(types.Session, sessions.change_session, body, session_id=id, title=title)

    @field("Delete a chat session; returns its id.")
    async def delete_session(self, info: Asked, id: strawberry.ID) -> strawberry.ID:
        """See `DELETE /my/chat/sessions/ID`."""
        await info.context.change(object, sessions.delete_session, session_id=id)
        return id

    @field("Send a message to an agent. Its answer comes on the session's channel or stream.")
    async def send_message(
        self,
        info: Asked,
        session: strawberry.ID,
        content: str,
        target_agent: str | None = None,
        if_active: types.IfActive = types.IfActive.queue,
        idempotency_key: str | None = None,
    ) -> types.Sent:
        """See `POST /my/chat/ID/message/`, with `wait: false`."""
        return await info.context.change(
            types.Sent,
            runs.send_message,
            runs.MessageBody,
            session_id=session,
            content=content,
            target_agent=target_agent,
            if_active=if_active.value,
            idempotency_key=idempotency_key,
            wait=False,
        )

    @field("Stop a run; its partial text is kept.")
    async def stop_run(self, info: Asked, id: strawberry.ID) -> types.Run:
        """See `POST /my/runs/ID/stop`."""
        return await info.context.change(types.Run, runs.stop_run, run_id=id)
