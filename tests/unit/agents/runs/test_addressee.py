"""Which agent a message is for."""

from __future__ import annotations

from uuid import UUID

import pytest

from agents.catalog.agent import Agent
from agents.catalog.catalog import Catalog
from agents.runs.addressee import addressee, unclear
from agents.sessions.run import Request
from agents.store.database import Database
from agents.store.scope import Scope
from channels.errors import ReplyError
from tests.agents_kit import a_user
from tests.unit.agents.catalog.catalogs import a_catalog
from tests.unit.agents.runs.run_worlds import a_world
from tests.unit.agents.sessions.session_worlds import a_session


async def meant(catalog: Catalog, scope: Scope, session: UUID, request: Request) -> Agent:
    async with scope.begin() as work:
        agent = await addressee(catalog, scope, work, session, request)
    if agent is None:
        raise await unclear(catalog, scope, request)
    return agent


async def test_who_is_meant(store: Database) -> None:
    """The request's target by name or id, else the text's first mention, else the only agent; names in whatever case,
    the longest that fits."""
    catalog = a_catalog()
    scope, session = await a_session(store)
    with pytest.raises(ReplyError, match="make one") as caught:
        await meant(catalog, scope, session, Request("Hi"))
    assert caught.value.code.word == "invalid_data"
    coder = await catalog.create(scope, "coder")

    async def named(content: str, target: str = "") -> str:
        return (await meant(catalog, scope, session, Request(content, target))).name

    assert await named("Hi") == "coder"
    for name in ("writer", "code", "助手", "Ann-Marie"):
        await catalog.create(scope, name)
    assert await named("@writer hello", "coder") == "coder"
    assert await named("hello", str(coder.id)) == "coder"
    assert await named("hello", "@Coder") == "coder"
    assert await named("ask @CODER, not @writer") == "coder"
    assert await named("@code") == "code"
    assert await named("@ann-marie: look") == "Ann-Marie"
    assert await named("@助手你好") == "助手"
    assert await named("`@writer` is what @code says") == "code"
    with pytest.raises(ReplyError) as unclear:
        await named("bob@writer.org")
    assert unclear.value.code.word == "invalid_data"
    assert unclear.value.details["agents"][0] == "coder"


@pytest.mark.parametrize(("content", "target"), [("@codr hello", ""), ("hello", "codr"), ("x @codr", "@codr")])
async def test_an_unknown_name_has_suggestions(store: Database, content: str, target: str) -> None:
    """In the error's fields, and in its words."""
    catalog, scope = a_catalog(), await a_user(store)
    _, session = await a_session(store, scope)
    await catalog.create(scope, "coder")
    await catalog.create(scope, "writer")
    with pytest.raises(ReplyError) as caught:
        await meant(catalog, scope, session, Request(content, target))
    assert caught.value.code.word == "not_found"
    assert caught.value.details == {"suggestions": ["coder"]}
    assert "coder" in caught.value.message


async def test_nobody_named_is_the_one_before(store: Database) -> None:
    """The agent of the session's newest run; other users' agents are nobody, by name or id."""
    async with a_world(store) as world:
        catalog = world.processes[0].catalog
        await catalog.create(world.scope, "writer")
        await world.ended(await world.send("@writer Hi"))
        assert (await meant(catalog, world.scope, world.session, Request("And?"))).name == "writer"
        other = await a_user(store)
        for target in (str(world.agent.id), "coder"):
            with pytest.raises(ReplyError) as caught:
                await meant(catalog, other, world.session, Request("Hi", target))
            assert caught.value.code.word == "not_found"
