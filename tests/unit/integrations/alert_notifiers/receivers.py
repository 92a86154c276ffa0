"""Doubles of what notifiers talk to, on real sockets: they answer as they are told, and keep what came."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

import orjson
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from channels.messages import SystemAlert

STARTED = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)


def alert(id: str = "a-1", **fields: Any) -> SystemAlert:
    """Make an alert that fires, or one that is resolved with `status="resolved"`."""
    values: dict[str, Any] = {
        "name": "pool_exhausted",
        "severity": "critical",
        "status": "firing",
        "summary": "All 20 connections are in use",
        "value": 20.0,
        "threshold": 19.0,
        "started_at": STARTED,
        "labels": {"instance": "db-1", "team": "data"},
        **fields,
    }
    if values["status"] == "resolved":
        values.setdefault("ended_at", STARTED.replace(minute=20))
    return SystemAlert(alert_id=id, **values)


@dataclass
class Answer:
    """What a receiver answers; `hang`: nothing, ever."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


@dataclass
class Came:
    """A request."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Receiver:
    """A double of Slack, PagerDuty, or anybody's webhook.

    Attributes:
        answers: used up one by one; afterwards it answers 200.
        came: the requests, in their order.
    """

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.came: list[Came] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.came.append(Came(request.path, headers, await request.read()))
        answer = self.answers.pop(0) if self.answers else Answer()
        if answer.hang:
            await asyncio.Event().wait()
        return web.Response(status=answer.status, headers=answer.headers, text="secret words of the receiver")


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/services/T000/SECRET"
    try:
        yield receiver
    finally:
        await runner.cleanup()


class Mailbox:
    """A double of a mail server's insides.

    Attributes:
        answers: replies to `DATA`, used up one by one; afterwards it takes mails.
        came: mails, with who sent them and for whom.
        tls: for each mail, whether it came encrypted.
    """

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.came: list[tuple[str | None, list[str], Message]] = []
        self.tls: list[bool] = []
        self.signed_in: list[tuple[bytes, bytes]] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        assert server.transport is not None
        self.tls.append(server.transport.get_extra_info("sslcontext") is not None)
        self.came.append((envelope.mail_from, envelope.rcpt_tos, message_from_bytes(content, policy=default)))
        return "250 OK"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
        self.signed_in.append((data.login, data.password))
        return AuthResult(success=data.password == b"pass-word", handled=False)


@asynccontextmanager
async def taking_mail(mailbox: Mailbox, tls: str, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Run a mail server with TLS from the first byte (`tls`), by STARTTLS (`starttls`) or none; yield its port."""

    def converse() -> SMTP:
        return SMTP(
            mailbox,
            hostname="mail.example",
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            authenticator=mailbox.authenticate,
            auth_require_tls=tls == "starttls",
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(converse, "127.0.0.1", 0, ssl=context if tls == "tls" else None)
    async with server:
        yield server.sockets[0].getsockname()[1]
