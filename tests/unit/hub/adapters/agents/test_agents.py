"""When the agents of a hub can be used."""

from __future__ import annotations

import aiohttp
import asyncpg
import pytest

from channels.errors import ErrorCode, ReplyError
from hub.adapters.agents.agents import Agents
from tests.agents_kit import agents_hub, agents_template
from tests.live import LiveHub, running, until, with_keys
from tests.postgres_server import PostgresServer, database_name, postgres

__all__ = ["agents_template", "postgres"]

QUICK = {"agents__embedding__provider": "none", "agents__runs__drain": 0.0}


def agents_of(live: LiveHub) -> Agents:
    agents = live.hub.adapters.agents
    assert agents is not None
    return agents


async def test_they_come_up_when_their_database_does(postgres: PostgresServer) -> None:
    """Until then they say what is missing, and the rest of the hub works."""
    dsn = postgres.create()
    postgres.drop(dsn)
    settings = with_keys(agents__enabled=True, database__url=dsn, **QUICK)
    async with running(settings) as live:
        agents = agents_of(live)
        await until(lambda: "database" in agents.trouble and "yet" not in agents.trouble)
        with pytest.raises(ReplyError, match="the agents aren't up") as raised:
            _ = agents.parts
        assert raised.value.code is ErrorCode.UNAVAILABLE
        assert not await agents.answers()
        await live.publish("system_alerts", "tick", 1)
        connection = await asyncpg.connect(postgres.dsn())
        await connection.execute(f'CREATE DATABASE "{database_name(dsn)}"')
        await connection.close()
        await until(lambda: agents.ready)
        assert await agents.answers()
    postgres.drop(dsn)


async def test_tables_of_a_newer_version_are_left_alone(postgres: PostgresServer, agents_template: str) -> None:
    """The reason is told; nothing is changed."""
    dsn = postgres.create(template=agents_template)
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE tocsin_agents.alembic_version SET version_num = '9999'")
    async with running(with_keys(agents__enabled=True, database__url=dsn, **QUICK)) as live:
        agents = agents_of(live)
        await until(lambda: "9999" in agents.trouble)
        assert not agents.ready
    assert await connection.fetchval("SELECT version_num FROM tocsin_agents.alembic_version") == "9999"
    await connection.close()
    postgres.drop(dsn)


async def test_language_models_are_exchanged_while_it_runs(postgres: PostgresServer, agents_template: str) -> None:
    """As a reload does it."""
    dsn = postgres.create(template=agents_template)
    async with agents_hub(dsn, **QUICK) as live:
        agents = agents_of(live)
        provider = {"local": {"base_url": "http://127.0.0.1:9/v1", "models": ["small"]}}
        await agents.adopt(with_keys(agents__enabled=True, database__url=dsn, agents__providers=provider))
        assert agents.parts.models.default_model == "local/small"
    postgres.drop(dsn)


async def test_what_was_signed_out_stays_so(postgres: PostgresServer, agents_template: str) -> None:
    """Also after a restart without Redis, which nobody else remembers it over; other sign-ins go on. A page without a
    token learns that there are accounts, and whether it may make one."""
    dsn = postgres.create(template=agents_template)
    sign_in = {"email": "ada@example.org", "password": "correct horse battery"}
    async with agents_hub(dsn, **QUICK) as live, aiohttp.ClientSession(live.url) as http:
        tokens = []
        for path in ("register", "login"):
            async with http.post(f"/auth/{path}", json=sign_in) as answer:
                tokens.append(await answer.json())
        async with http.post("/auth/logout", json={"refresh_token": tokens[0]["refresh_token"]}) as answer:
            assert answer.status == 204
        async with http.get("/health") as answer:
            assert await answer.json() == {"status": "alive", "agents": True, "registration": True}
    closed = {"agents__accounts__registration": "closed"}
    async with agents_hub(dsn, **QUICK, **closed) as live, aiohttp.ClientSession(live.url) as http:
        for each, status in zip(tokens, (401, 200), strict=True):
            headers = {"Authorization": f"Bearer {each['access_token']}"}
            async with http.get("/my/account", headers=headers) as answer:
                assert answer.status == status
        async with http.get("/health") as answer:
            assert await answer.json() == {"status": "alive", "agents": True}
    postgres.drop(dsn)
