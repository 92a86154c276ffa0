"""How runs are read from their table."""

from __future__ import annotations

from uuid import uuid4

from agents.sessions.run import Run
from agents.sessions.run_rows import runs_of
from agents.store.database import Database
from agents.store.tables import tasks, user_agents
from tests.unit.agents.sessions.session_worlds import a_session


async def test_a_run_comes_with_its_agent_s_name(store: Database) -> None:
    """As it is now; none when the agent is gone. The trace, which is long, isn't read along."""
    scope, session = await a_session(store)
    agent, run = uuid4(), uuid4()
    async with scope.begin() as work:
        await work.run(work.insert(user_agents, id=agent, name="coder"))
        values = {"agent_id": agent, "message_id": uuid4(), "status": "completed", "trace": {"prompt": []}}
        await work.run(work.insert(tasks, id=run, session_id=session, **values))
        [row] = await work.all(runs_of(work))
        assert (Run.of(row).id, Run.of(row).agent_name, "trace" in row) == (run, "coder", False)
        await work.run(work.delete(user_agents))
        [row] = await work.all(runs_of(work))
        assert (Run.of(row).agent_id, Run.of(row).agent_name) == (None, "")
