"""GraphQL on a real hub with a real database: the same things, rules and refusals as over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from tests.agents_kit import agents_dsn, agents_template
from tests.integration.test_chat import Chat, a_chat
from tests.integration.test_my_agents import a_member
from tests.llm_double import says
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]

RUN = "id status agentName messageId"


async def ask(chat: Chat, query: str, **variables: Any) -> Any:
    """Ask; nothing of it may be refused."""
    answer = (await chat.ask("POST", "/my/graphql", {"query": query, "variables": variables})).body
    assert answer.keys() == {"data"}, answer
    return answer["data"]


async def test_agents_sessions_and_messages(agents_dsn: str) -> None:
    """Made, changed, asked and deleted; each is, field for field, what HTTP has."""
    async with a_chat(agents_dsn, says("Hello", " there")) as chat:
        config = {"temperature": 0.5, "fallbackModels": []}
        made = (
            await ask(
                chat,
                "mutation($config: AgentConfigInput) { createAgent(name: "
                '"writer", config: $config) { id version config { temperature recall } } }',
                config=config,
            )
        )["createAgent"]
        assert (made["version"], made["config"]) == (1, {"temperature": 0.5, "recall": 5})
        changed = await ask(
            chat,
            "mutation($id: ID!) { updateAgent(id: $id, config: {recall: 7, temperature: null}, version: 1) "
            "{ version config { temperature recall } } }",
            id=made["id"],
        )
        assert changed["updateAgent"] == {"version": 2, "config": {"temperature": None, "recall": 7}}
        session = (await ask(chat, "mutation { createSession { id title } }"))["createSession"]["id"]
        sent = await ask(
            chat,
            "mutation($session: ID!) { sendMessage(session: $session, content: "
            f'"Hi", targetAgent: "coder", ifActive: queue) {{ run {{ {RUN} }} message {{ content seq }} }} }}',
            session=session,
        )
        run = sent["sendMessage"]["run"]
        assert (run["agentName"], sent["sendMessage"]["message"]["content"]) == ("coder", "Hi")
        await chat.until_ended(run["id"])
        await ask(chat, f'mutation {{ renameSession(id: "{session}", title: "Talk") {{ id }} }}')
        seen = await ask(
            chat,
            "query($session: ID!, $agent: ID!, $run: ID!) { me { subject } models { default items { name offline } }"
            " agents { items { name } next } agent(id: $agent) { name }"
            f' run(id: $run) {{ {RUN} usage error {{ code }} }} memories(agent: $agent, q: "x") {{ items {{ id }} }}'
            " sessions(limit: 1) { next items { id title messages { items { role content } } } }"
            " session(id: $session) { title lastSeq runs { items { id status } } } }",
            session=session,
            agent=made["id"],
            run=run["id"],
        )
        assert seen["me"] == {"subject": "alice"}
        assert [agent["name"] for agent in seen["agents"]["items"]] == ["coder", "writer"]
        first = seen["sessions"]["items"][0]
        assert (first["id"], first["title"]) == (session, "Talk")
        said = [(message["role"], message["content"]) for message in first["messages"]["items"]]
        assert said == [("user", "Hi"), ("assistant", "Hello there")]
        assert seen["session"]["runs"]["items"] == [{"id": run["id"], "status": "completed"}]
        over_http = (await chat.ask("GET", f"/my/runs/{run['id']}")).body
        assert (seen["run"]["status"], seen["run"]["usage"]) == (over_http["status"], over_http["usage"])
        assert (await ask(chat, f'mutation {{ stopRun(id: "{run["id"]}") {{ status }} }}'))["stopRun"] == {
            "status": "completed"
        }
        for kind, id in (("Session", session), ("Agent", made["id"])):
            assert await ask(chat, f'mutation {{ delete{kind}(id: "{id}") }}') == {f"delete{kind}": id}
        assert (await chat.ask("GET", f"/my/chat/sessions/{session}")).status == 404


async def test_nobody_sees_what_is_somebody_elses(agents_dsn: str) -> None:
    """With Alice's ids Bob gets, word for word, what he gets with ids of nothing; nothing of hers changes."""
    async with a_chat(agents_dsn, says("a secret")) as chat, a_member(chat.live, "bob") as bob:
        run = (await chat.send("the secret")).body["run"]["id"]
        before = [(await chat.ask("GET", path)).body for path in of_alice(chat, run)]
        hers = {"agent": chat.agent, "session": chat.session, "run": run}
        nothing = {name: str(uuid4()) for name in hers}
        for field in fields_with_ids():
            answers = []
            for ids in (hers, nothing):
                answer = await bob.ask("POST", "/my/graphql", {"query": field % ids})
                assert answer.body["data"] is None
                (error,) = answer.body["errors"]
                assert error["extensions"]["code"] == "not_found", field
                text = json.dumps(answer.body)
                for name, id in ids.items():
                    text = text.replace(id, name)
                answers.append(text)
            assert answers[0] == answers[1]
            assert "secret" not in answers[0]
        lists = "{ agents { items { id } } sessions { items { id } } }"
        assert (await bob.ask("POST", "/my/graphql", {"query": lists})).body["data"] == {
            "agents": {"items": []},
            "sessions": {"items": []},
        }
        assert [(await chat.ask("GET", path)).body for path in of_alice(chat, run)] == before


def of_alice(chat: Chat, run: str) -> list[str]:
    return [f"/my/agents/{chat.agent}", f"/my/chat/sessions/{chat.session}", f"/my/runs/{run}"]


def fields_with_ids() -> list[str]:
    """Every field that takes an id."""
    return [
        '{ agent(id: "%(agent)s") { name } }',
        '{ session(id: "%(session)s") { title messages { items { content } } runs { items { id } } } }',
        '{ run(id: "%(run)s") { status } }',
        '{ memories(agent: "%(agent)s") { items { text } } }',
        '{ memories(agent: "%(agent)s", q: "secret") { items { text } } }',
        'mutation { updateAgent(id: "%(agent)s", name: "mine") { id } }',
        'mutation { deleteAgent(id: "%(agent)s") }',
        'mutation { renameSession(id: "%(session)s", title: "mine") { id } }',
        'mutation { deleteSession(id: "%(session)s") }',
        'mutation { sendMessage(session: "%(session)s", content: "Hi") { run { id } } }',
        'mutation { stopRun(id: "%(run)s") { id } }',
    ]


async def test_bounds_and_refusals(agents_dsn: str) -> None:
    """A request has one query; each mutation after the first counts as another one. Without a token, or with a body
    that is none, the answer is that of every endpoint."""
    async with a_chat(agents_dsn, says("x"), agents__requests_per_minute=6) as chat:  # which has made two already
        answer = await chat.ask("POST", "/my/graphql", {"query": "{ agents(limit: 201) { next } }"})
        assert (answer.status, answer.headers["X-RateLimit-Remaining"]) == (200, "3")
        assert answer.body["errors"][0]["extensions"]["code"] == "invalid_data"
        zero = await chat.ask("POST", "/my/graphql", {"query": 'mutation { createSession(title: "\\u0000") { id } }'})
        assert zero.body["errors"][0]["extensions"]["code"] == "invalid_data"
        three = "mutation { " + " ".join(f"m{number}: createSession {{ id }}" for number in range(3)) + " }"
        refused = (await chat.ask("POST", "/my/graphql", {"query": three})).body
        assert refused["data"] is None
        (error,) = refused["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["m2"], "rate_limited")
        assert (await chat.ask("POST", "/my/graphql", {"query": "{ me { id } }"})).status == 429
        async with a_member(chat.live, "bob") as bob:
            for body, status in (({}, 422), ({"query": "{ me { id } }", "x": 1}, 422), ("{", 400)):
                assert (await bob.ask("POST", "/my/graphql", body)).status == status
            nobody = await bob.ask("POST", "/my/graphql", {"query": "{"}, headers={"Authorization": "Bearer x"})
            assert (nobody.status, nobody.body["code"]) in ((401, "invalid_token"), (415, "unsupported_data"))
