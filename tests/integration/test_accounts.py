"""Accounts on a real hub: what their tokens open, what closes it again, and keys that change meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from hub.auth import SUBPROTOCOL
from hub.closing import CloseCode
from hub.rewiring import apply
from tests.agents_kit import CHEAP_PASSWORDS, agents_dsn, agents_hub, agents_template
from tests.integration.api_client import Answer, Api, api_of
from tests.live import SECRET, Client, LiveHub, running, settings_for, until, with_keys
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]

PASSWORD = "correct horse battery"
OLD = {"id": "k1", "secret": SECRET}
NEW = {"id": "k2", "secret": "another-secret-for-tests-of-at-least-32-bytes"}


class User:
    """Somebody with an account, and the tokens of the newest sign-in."""

    def __init__(self, live: LiveHub, email: str) -> None:
        self.live = live
        self.email = email
        self.access = self.refresh = self.id = ""

    async def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        """Make a request; the answer is held against the document."""
        async with api_of(self.live, self.access if token is None else token) as api:
            answer = await api(method, path, body)
        assert "Set-Cookie" not in answer.headers
        return answer

    async def sign_in(self, path: str = "/auth/login", **more: Any) -> None:
        """Sign in, or register."""
        body = {"email": self.email, "password": PASSWORD, **more}
        self.take(await self.ask("POST", path, body, token=""))

    async def prolong(self) -> None:
        """Refresh."""
        self.take(await self.ask("POST", "/auth/refresh", {"refresh_token": self.refresh}, token=""))

    def take(self, answer: Answer) -> None:
        assert answer.status in (200, 201), answer.json
        tokens = answer.json
        self.access, self.refresh, self.id = tokens["access_token"], tokens["refresh_token"], tokens["user"]["id"]

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Client]:
        """Connect as browsers do."""
        async with self.live.client("browser", protocols=(SUBPROTOCOL, f"bearer.{self.access}")) as client:
            assert client.welcome["status"] == "connected"
            yield client


async def a_user(live: LiveHub, email: str = "ada@example.org") -> User:
    user = User(live, email)
    await user.sign_in("/auth/register", name="Ada")
    return user


@asynccontextmanager
async def open_hub(dsn: str, folder: Path, **options: Any) -> AsyncIterator[LiveHub]:
    """A hub without keys, as `tocsin serve` starts one."""
    settings = settings_for(
        agents__enabled=True, agents__key_file=str(folder / "key"), database__url=dsn, **CHEAP_PASSWORDS, **options
    )
    async with running(settings) as live:
        agents = live.hub.adapters.agents
        assert agents is not None
        await until(lambda: agents.ready)
        yield live


async def status_of(api: Api, path: str) -> int:
    return (await api("GET", path)).status


async def test_accounts_on_an_open_hub(agents_dsn: str, tmp_path: Path) -> None:
    """Nobody needs a token there; who has an account has one, and is that user on sockets, streams and over HTTP.
    Nobody else is, whatever client id they choose, nor reads what is the user's as an operator."""
    async with open_hub(agents_dsn, tmp_path) as live:
        ada = await a_user(live)
        own = f"user:{ada.id}"
        async with ada.socket() as client:
            assert (await client.ask(action="subscribe", channel=own))["status"] == "success"
            await live.publish(own, "note", {"text": "for Ada"})
            assert (await client.receive())["data"] == {"text": "for Ada"}
            assert client.welcome["user"] == ada.id
        session = (await ada.ask("POST", "/my/chat/sessions/", {"title": "mine"})).json
        async with live.client("page") as client:
            assert client.welcome["operator"]
            assert (await client.ask(action="subscribe", channel="user:page"))["status"] == "success"
            full = await client.ask(action="authenticate", token=ada.access)
            assert (full["user"], full.get("operator")) == (ada.id, None)
            assert live.hub.engine.registry.count("user:page") == 0
            assert (await client.ask(action="subscribe", channel="user:page"))["code"] == "permission_denied"
            assert (await client.ask(action="stop_session", session=session["id"]))["stopped"] == 0
        for stranger in (ada.id, ada.id.upper(), "somebody"):
            async with live.client(stranger) as client:
                for channel in (own, session["channel"]):
                    for action in ("subscribe", "history", "presence"):
                        assert (await client.ask(action=action, channel=channel))["code"] == "permission_denied"
        async with api_of(live) as nobody, api_of(live, ada.access) as api:
            for channel in (own, session["channel"]):
                for path in (f"/api/channels/{channel}/history", f"/api/channels/{channel}/presence"):
                    assert await status_of(nobody, path) == 403
                    assert await status_of(api, path) == 200
            assert await status_of(nobody, "/api/channels/system_alerts/history") == 200
            assert await status_of(nobody, "/api/connections") == 200
            assert await status_of(api, "/api/connections") == 403, "a user is no operator, also where everybody is"
            assert await status_of(nobody, "/my/account") == 401
            assert await status_of(nobody, f"/events?channels={own}&client_id={ada.id}") == 403
    async with open_hub(agents_dsn, tmp_path) as again:
        ada.live = again
        assert (await ada.ask("GET", "/my/account")).json["email"] == "ada@example.org", "the key was kept"


async def test_what_signing_out_closes(agents_dsn: str) -> None:
    """A sign-in's sockets and streams end with it, and no others; all end with the account. A new token keeps one."""
    async with agents_hub(agents_dsn) as live:
        ada = await a_user(live)
        other = User(live, ada.email)
        await other.sign_in()
        async with ada.socket() as one, other.socket() as two, stream(ada, "/events?channels=system_alerts") as events:
            await ada.prolong()
            assert (await one.ask(action="refresh", token=ada.access))["status"] == "success"
            assert (await ada.ask("POST", "/auth/logout", {"refresh_token": ada.refresh}, token="")).status == 204
            assert await one.closed() == (CloseCode.TOKEN_REVOKED, "the token was revoked")
            assert "revoked" in await rest_of(events)
            assert (await ada.ask("GET", "/my/account")).json["code"] == "invalid_token"
            assert (await two.ask(action="ping"))["type"] == "pong"
            session = (await other.ask("POST", "/my/chat/sessions/", {})).json
            async with stream(other, f"/my/sse/{session['id']}") as chat:
                assert (await other.ask("DELETE", "/my/account", {"password": "wrong"})).status == 422
                assert (await other.ask("DELETE", "/my/account", {"password": PASSWORD})).status == 204
                assert (await two.closed())[0] == CloseCode.TOKEN_REVOKED
                assert "close" in await rest_of(chat)
        assert (await other.ask("GET", "/my/account")).json["code"] == "invalid_token"
        await ada.sign_in("/auth/register")


async def test_a_stolen_refresh_token(agents_dsn: str) -> None:
    """Its second use closes what the first one opened."""
    async with agents_hub(agents_dsn) as live:
        ada = await a_user(live)
        stolen = ada.refresh
        await ada.prolong()
        async with ada.socket() as socket:
            answer = await ada.ask("POST", "/auth/refresh", {"refresh_token": stolen}, token="")
            assert answer.json["code"] == "invalid_token"
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert (await socket.closed())[0] == CloseCode.TOKEN_REVOKED
        assert (await ada.ask("POST", "/auth/refresh", {"refresh_token": ada.refresh}, token="")).status == 401


async def test_sockets_and_streams_end_with_their_token(agents_dsn: str) -> None:
    """By the clock, unless they are given a new one."""
    async with agents_hub(agents_dsn, agents__accounts__access_lifetime=2.0) as live:
        ada = await a_user(live)
        session = (await ada.ask("POST", "/my/chat/sessions/", {})).json
        async with (
            ada.socket() as socket,
            stream(ada, "/events?channels=system_alerts") as events,
            stream(ada, f"/my/sse/{session['id']}") as chat,
        ):
            texts = await asyncio.gather(rest_of(events), rest_of(chat))
            assert all("expired" in text for text in texts)
            assert (await socket.closed())[0] == CloseCode.TOKEN_EXPIRED


async def test_changing_the_password(agents_dsn: str) -> None:
    """The tokens of the answer are good at once; all others, and the old password, aren't any more."""
    async with agents_hub(agents_dsn) as live:
        ada = await a_user(live)
        old = ada.access
        new = "a better one, longer"
        async with ada.socket() as socket:
            ada.take(await ada.ask("PUT", "/my/account/password", {"current": PASSWORD, "new": new}))
            assert (await socket.closed())[0] == CloseCode.TOKEN_REVOKED
        assert (await ada.ask("GET", "/my/account", token=old)).json["code"] == "invalid_token"
        account = (await ada.ask("GET", "/my/account")).json
        assert (account["name"], len(account["sign_ins"])) == ("Ada", 1)
        body = {"email": ada.email, "password": PASSWORD}
        assert (await ada.ask("POST", "/auth/login", body, token="")).json["code"] == "unauthenticated"
        assert (await ada.ask("PATCH", "/my/account", {"name": "Ada L."})).json["name"] == "Ada L."
        assert (await ada.ask("DELETE", "/my/account/sign-ins")).status == 204
        assert (await ada.ask("GET", "/my/account")).json["code"] == "invalid_token"


async def test_keys_are_rotated_under_load(agents_dsn: str) -> None:
    """The new key joins, becomes the first, and the old one goes when its last token has been refreshed: nobody who
    goes on working meanwhile is ever refused."""
    async with agents_hub(agents_dsn, agents__requests_per_minute=0) as live:
        users = [await a_user(live, f"user{number}@example.org") for number in range(4)]
        statuses: list[int] = []
        done = asyncio.Event()

        async def work(user: User) -> None:
            async with aiohttp.ClientSession() as http:
                while not done.is_set():
                    headers = {"Authorization": f"Bearer {user.access}"}
                    async with http.get(f"{live.url}/my/account", headers=headers) as answer:
                        statuses.append(answer.status)

        async def some(number: int) -> None:
            begin = len(statuses)
            await until(lambda: len(statuses) >= begin + number)

        async def have(*keys: dict[str, str]) -> None:
            auth = with_keys().auth.model_copy(update={"keys": settings_for(auth__keys=list(keys)).auth.keys})
            await apply(live.hub, live.hub.settings.model_copy(update={"auth": auth}))

        loads = [asyncio.create_task(work(user)) for user in users]
        await some(20)
        for keys in ((OLD, NEW), (NEW, OLD)):
            await have(*keys)
            await some(20)
        for user in users:
            await user.prolong()
        await some(20)
        await have(NEW)
        await some(20)
        done.set()
        await asyncio.gather(*loads)
        assert set(statuses) == {200}


REFUSED: list[tuple[str, Any, str]] = [
    ("/auth/register", {"email": "ada@example.org", "password": "short"}, "invalid_data"),
    ("/auth/register", {"email": "ada", "password": PASSWORD}, "invalid_data"),
    ("/auth/register", {"email": "a\x00@example.org", "password": PASSWORD}, "invalid_data"),
    ("/auth/login", {"email": "\ud800", "password": PASSWORD}, "invalid_json"),
    ("/auth/login", {"email": "ada@example.org"}, "invalid_data"),
    ("/auth/login", [], "invalid_data"),
    ("/auth/login", {"email": "ada@example.org", "password": PASSWORD}, "unauthenticated"),
    ("/auth/refresh", {"refresh_token": ""}, "invalid_data"),
    ("/auth/refresh", {"refresh_token": "x" * 200}, "invalid_token"),
]


async def test_what_is_refused(agents_dsn: str) -> None:
    """As a problem that says what is wrong; and a user's token is as exact as the paths that want one."""
    async with agents_hub(agents_dsn) as live:
        nobody = User(live, "")
        for path, body, code in REFUSED:
            answer = await nobody.ask("POST", path, body)
            assert answer.json["code"] == code, f"{path} {body!r}: {answer.json}"
        assert (await nobody.ask("GET", "/my/account")).json["code"] == "unauthenticated"
    async with agents_hub(agents_dsn, agents__accounts__registration="closed") as live:
        body = {"email": "ada@example.org", "password": PASSWORD}
        assert (await User(live, "").ask("POST", "/auth/register", body)).json["code"] == "permission_denied"


@asynccontextmanager
async def stream(user: User, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
    """Open a stream of JSON lines, and read its first line."""
    headers = {"Authorization": f"Bearer {user.access}"}
    async with aiohttp.ClientSession() as http, http.get(user.live.url + path, headers=headers) as response:
        assert response.status == 200, await response.text()
        await response.content.readline()
        yield response


async def rest_of(response: aiohttp.ClientResponse) -> str:
    """Read until the hub ends it."""
    async with asyncio.timeout(15):
        return (await response.content.read()).decode()
