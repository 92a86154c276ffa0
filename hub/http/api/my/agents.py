"""The caller's own agents over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from agents.catalog.agent import NAME_MAX, NAME_PATTERN, Agent, AgentConfig, Status
from channels.errors import ErrorCode
from hub.descriptions import Described, Id, Timestamp
from hub.http.api.bodies import Body
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.my.member import Page, PageQuery, cursor_at, id_of, member, position_of, stamp

Name = Annotated[
    str,
    Field(
        description="letters and digits of any script, - and _; a letter or a digit first; the user's only one of this "
        "name, in whatever case",
        json_schema_extra={"minLength": 1, "maxLength": NAME_MAX, "pattern": NAME_PATTERN},
    ),
]
"""Checked by the catalogue, which brings it into one form of Unicode first."""

_CODER: Final[dict[str, Any]] = {"name": "coder", "config": {"instructions": "You write Python.", "temperature": 0.2}}


class CreateAgentBody(Body):
    """An agent to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CODER]})

    name: Name
    config: AgentConfig = Field(AgentConfig(), description="what isn't given has its default")


class ChangeAgentBody(Body):
    """What to change of an agent."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"config": {"temperature": 0.7}, "version": 3}]})

    name: Name | None = None
    config: AgentConfig | None = Field(None, description="the fields to change; the others stay")
    version: int | None = Field(
        None, ge=1, le=2**31 - 1, description="change the agent only if it has this version; a conflict otherwise"
    )


class AgentState(Described):
    """An agent."""

    id: Id
    name: str
    config: AgentConfig
    status: Status = Field(description="busy: a run of it is at work; error: its newest run failed")
    version: int = Field(ge=1, description="rises with each change of name or config")
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, agent: Agent) -> AgentState:
        """Show an agent to its owner."""
        return cls(
            id=str(agent.id),
            name=agent.name,
            config=agent.config,
            status=agent.status,
            version=agent.version,
            created_at=stamp(agent.created_at),
            updated_at=stamp(agent.updated_at),
        )


class AgentPage(Page[AgentState]):
    """Agents, the oldest first."""


class AgentList(Described):
    """Agents."""

    items: list[AgentState]


class QueueState(Described):
    """What waits for an agent, over all processes."""

    waiting: int = Field(ge=0, description="runs that wait")
    active: int = Field(ge=0, description="runs at work")
    limit: int = Field(ge=1, description="runs that may wait (agents.queue); a further one is refused")
    concurrency: int = Field(ge=1, description="runs that may be at work at once (agents.concurrency)")


async def list_agents(hub: Hub, call: Call[None, PageQuery]) -> AgentPage:
    """List one's agents."""
    parts, scope = await member(hub, call)
    limit = call.query.limit
    agents = await parts.catalog.page(scope, limit + 1, position_of(call.query.cursor))
    shown = agents[:limit]
    more = cursor_at(shown[-1].created_at, shown[-1].id) if len(agents) > limit else None
    return AgentPage(items=list(map(AgentState.of, shown)), next=more)


async def create_agent(hub: Hub, call: Call[CreateAgentBody, None]) -> AgentState:
    """Make an agent, with room for its memory: both, or nothing."""
    parts, scope = await member(hub, call)
    config = call.body.config.model_dump(exclude_unset=True)
    return AgentState.of(await parts.catalog.create(scope, call.body.name, config))


async def add_starters(hub: Hub, call: Call[None, None]) -> AgentList:
    """Add what is missing of the starter set: architect, coder, reviewer, writer, researcher. The answer has those that
    were added; doing it again adds nothing."""
    parts, scope = await member(hub, call)
    return AgentList(items=list(map(AgentState.of, await parts.catalog.add_starters(scope))))


async def get_agent(hub: Hub, call: Call[None, None]) -> AgentState:
    """Return an agent, as it is now in all processes."""
    parts, scope = await member(hub, call)
    return AgentState.of(await parts.catalog.get(scope, id_of(call, "agent_id", "agent")))


async def change_agent(hub: Hub, call: Call[ChangeAgentBody, None]) -> AgentState:
    """Change an agent's name, or fields of its configuration. Its memory and sessions stay."""
    parts, scope = await member(hub, call)
    body = call.body
    changes = None if body.config is None else body.config.model_dump(exclude_unset=True)
    id = id_of(call, "agent_id", "agent")
    return AgentState.of(await parts.catalog.update(scope, id, name=body.name, config=changes, version=body.version))


async def delete_agent(hub: Hub, call: Call[None, None]) -> None:
    """Delete an agent with its memory. Its runs are stopped first, which may take 30 seconds; what it said in sessions
    stays."""
    parts, scope = await member(hub, call)
    await parts.catalog.delete(scope, id_of(call, "agent_id", "agent"))


async def get_agent_queue(hub: Hub, call: Call[None, None]) -> QueueState:
    """Tell how much waits for an agent."""
    parts, scope = await member(hub, call)
    agent = await parts.catalog.get(scope, id_of(call, "agent_id", "agent"))
    options = hub.settings.agents
    return QueueState(
        waiting=await parts.queue.waiting(agent.id),
        active=await parts.queue.active(agent.id),
        limit=options.queue,
        concurrency=options.concurrency,
    )


_TAG: Final = "agents"
_ALL: Final = "/my/agents/"
_ONE: Final = "/my/agents/{agent_id}"

ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint("GET", _ALL, "List one's agents", list_agents, Who.MEMBER, _TAG, answer=AgentPage, query=PageQuery),
    Endpoint(
        "POST",
        _ALL,
        "Make an agent",
        create_agent,
        Who.MEMBER,
        _TAG,
        answer=AgentState,
        body=CreateAgentBody,
        errors=(ErrorCode.CONFLICT,),
        status=201,
    ),
    Endpoint(
        "POST",
        f"{_ALL}starter",
        "Add the starter set",
        add_starters,
        Who.MEMBER,
        _TAG,
        answer=AgentList,
        errors=(ErrorCode.CONFLICT,),
        status=201,
    ),
    Endpoint("GET", _ONE, "Return an agent", get_agent, Who.MEMBER, _TAG, answer=AgentState),
    Endpoint(
        "PATCH",
        _ONE,
        "Change an agent",
        change_agent,
        Who.MEMBER,
        _TAG,
        answer=AgentState,
        body=ChangeAgentBody,
        errors=(ErrorCode.CONFLICT,),
    ),
    Endpoint("DELETE", _ONE, "Delete an agent", delete_agent, Who.MEMBER, _TAG),
    Endpoint("GET", f"{_ONE}/queue", "What waits for an agent", get_agent_queue, Who.MEMBER, _TAG, answer=QueueState),
)
