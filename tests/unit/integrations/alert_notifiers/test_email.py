"""E-mail: what is written, and handing it in to a mail server on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from channels.messages import SystemAlert
from integrations.alert_notifiers.email import EmailNotifier, MailServer, mail_of
from integrations.alert_notifiers.notice import Notice
from integrations.alert_notifiers.notifier import Refused, Unreachable
from tests.integration.certificate import Certificate, make_certificate
from tests.unit.integrations.alert_notifiers.receivers import Mailbox, alert, taking_mail

FROM, TO = "tocsin@example.com", ("ops@example.com", "night@example.com")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("mail"))


@asynccontextmanager
async def serving(certificate: Certificate, tls: str) -> AsyncIterator[tuple[Mailbox, MailServer]]:
    """Run a mail server; what comes with it knows how to reach it."""
    mailbox = Mailbox()
    plain = tls == "none"
    kind: Any = tls
    async with taking_mail(mailbox, tls, None if plain else certificate.server()) as port:
        yield mailbox, MailServer("127.0.0.1", port, kind, context=None if plain else certificate.client())


@pytest.mark.parametrize("tls", ["starttls", "tls", "none"])
async def test_a_mail_arrives(certificate: Certificate, tls: str) -> None:
    """Encrypted as asked, from and to whom it should, with a plain and an HTML part."""
    async with serving(certificate, tls) as (mailbox, server):
        await EmailNotifier(server, FROM, TO).send(Notice("i", (alert(),)))
    ((sender, recipients, mail),) = mailbox.came
    assert (sender, recipients, mailbox.tls) == (FROM, list(TO), [tls != "none"])
    assert mail["Subject"] == "[FIRING] critical: pool_exhausted: All 20 connections are in use"
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (FROM, ", ".join(TO), "auto-generated")
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


async def test_it_signs_in(certificate: Certificate) -> None:
    """A wrong password is for good, and in no message."""
    async with serving(certificate, "starttls") as (mailbox, server):
        right = MailServer(server.host, server.port, "starttls", "tocsin", "pass-word", server.context)
        wrong = MailServer(server.host, server.port, "starttls", "tocsin", "swordfish", server.context)
        await EmailNotifier(right, FROM, TO).send(Notice("i", (alert(),)))
        with pytest.raises(Refused, match=r"SMTPAuthenticationError \(535\)") as failed:
            await EmailNotifier(wrong, FROM, TO).send(Notice("i", (alert(),)))
    assert mailbox.signed_in[0] == (b"tocsin", b"pass-word")
    assert len(mailbox.came) == 1
    assert "swordfish" not in f"{failed.value}{wrong!r}"


async def test_without_starttls_nothing_is_sent(certificate: Certificate) -> None:
    """A server that doesn't offer it, or somebody between who hides it, gets neither mail nor password."""
    async with serving(certificate, "none") as (mailbox, server):
        asked = MailServer(server.host, server.port, "starttls", "tocsin", "pass-word", certificate.client())
        with pytest.raises((Refused, Unreachable)):
            await EmailNotifier(asked, FROM, TO).send(Notice("i", (alert(),)))
    assert mailbox.came == []
    assert mailbox.signed_in == []


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_that_is_not_trusted_ends_it(certificate: Certificate, tls: str) -> None:
    """Checked by the system's authorities unless another is named."""
    async with serving(certificate, tls) as (mailbox, server):
        kind: Any = tls
        with pytest.raises(Unreachable):
            await EmailNotifier(MailServer(server.host, server.port, kind), FROM, TO).send(Notice("i", (alert(),)))
    assert mailbox.came == []


@pytest.mark.parametrize(("reply", "kind"), [("451 later", Unreachable), ("554 never", Refused)])
async def test_replies(certificate: Certificate, reply: str, kind: type[Exception]) -> None:
    """From 500 on it is for good. What the server says is not repeated."""
    async with serving(certificate, "none") as (mailbox, server):
        mailbox.answers = [reply]
        with pytest.raises(kind, match=rf"^SMTPDataError \({reply[:3]}\)$"):
            await EmailNotifier(server, FROM, TO).send(Notice("i", (alert(),)))
        await EmailNotifier(server, FROM, TO).send(Notice("i", (alert(),)))
    assert len(mailbox.came) == 1


@asynccontextmanager
async def silent() -> AsyncIterator[int]:
    """Run a server that takes connections and never says a word; yield its port."""
    over = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            over.set()


async def test_a_server_that_hangs_can_be_left() -> None:
    """It is the lane that bounds the time."""
    async with silent() as port:
        notifier = EmailNotifier(MailServer("127.0.0.1", port, "none"), FROM, TO)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await notifier.send(Notice("i", (alert(),)))


async def test_nobody_there(unused_tcp_port: int) -> None:
    """It may be tried again."""
    with pytest.raises(Unreachable):
        await EmailNotifier(MailServer("127.0.0.1", unused_tcp_port, "none"), FROM, TO).send(Notice("i"))


def test_no_header_can_be_injected() -> None:
    """Whatever an alert holds, even one that no check has seen."""
    evil = "x\r\nBcc: evil@example.com\r\n\r\nbody\u2028\x00\ud800"
    odd = SystemAlert.model_construct(**{**alert().__dict__, "name": evil, "summary": evil, "alert_id": evil})
    for notice in (Notice("i", (odd,)), Notice("i", (odd, odd), more=3)):
        mail = message_from_bytes(mail_of(notice, FROM, TO).as_bytes(), policy=default)
        assert mail["Bcc"] is None
        assert sorted(mail.keys()) == sorted(
            ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
            + (["References"] if len(notice) == 1 else [])
        )
        assert len(mail["Subject"]) <= 200


def test_html_is_escaped() -> None:
    """An alert can't bring markup along."""
    evil = "<script>alert(1)</script>&"
    mail = mail_of(Notice("i", (alert(name=evil, summary=evil, labels={evil: evil}),)), FROM, TO)
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert html.get_content().count("&lt;script&gt;alert(1)&lt;/script&gt;&amp;") == 4


def test_firing_and_resolved_are_one_thread() -> None:
    """Mail programs put them together by `References`; each mail has an id of its own."""
    first = mail_of(Notice("i", (alert(),)), FROM, TO)
    second = mail_of(Notice("j", (alert(status="resolved"),)), FROM, TO)
    other = mail_of(Notice("k", (alert("b"),)), FROM, TO)
    assert first["References"] == second["References"] != other["References"]
    assert first["Message-ID"] != second["Message-ID"]


def test_what_is_not_shown_is_said() -> None:
    """In both parts, and in the subject."""
    mail = mail_of(Notice("i", (alert(), alert("b")), more=3, missed=2), FROM, TO)
    assert mail["Subject"] == "[FIRING] critical: pool_exhausted and 4 more"
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert "and 3 more alerts." in part.get_content()
        assert "2 earlier alerts could not be sent." in part.get_content()
