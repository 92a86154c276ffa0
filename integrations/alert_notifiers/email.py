"""E-mail, by SMTP with TLS."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from html import escape
from typing import Final, Literal

import aiosmtplib

from channels.messages import SystemAlert
from integrations.alert_notifiers.notice import Notice, facts, headline, rest, title
from integrations.alert_notifiers.notifier import Refused, Unreachable

_SUBJECT: Final = 200
"""Characters of a subject; mail programs show fewer."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")

_DOMAIN: Final = "alerts.tocsin"
"""Of message ids. It need not exist: an id only has to be like no other."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in.

    Attributes:
        port: 0 takes the usual one: 587, 465 or 25.
        tls: `starttls` (refused when the server doesn't offer it), `tls` from the first byte, or `none`.
        context: what the server's certificate is checked by.
    """

    host: str
    port: int = 0
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None


class EmailNotifier:
    """Sends mails to fixed addresses.

    Args:
        sender: the address in `From`.
        recipients: addresses.
    """

    each = False

    def __init__(self, server: MailServer, sender: str, recipients: Sequence[str]) -> None:
        self._server = server
        self._sender = sender
        self._recipients = tuple(recipients)

    async def open(self) -> None:
        """Nothing to get ready: each message has a connection of its own, which servers expect of a rare sender."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def send(self, notice: Notice) -> None:
        """Hand in one mail."""
        server = self._server
        try:
            await aiosmtplib.send(
                mail_of(notice, self._sender, self._recipients),
                sender=self._sender,
                recipients=self._recipients,
                hostname=server.host,
                port=server.port or None,
                username=server.username or None,
                password=server.password or None,
                use_tls=server.tls == "tls",
                start_tls=server.tls == "starttls",
                tls_context=server.context,
                timeout=None,  # the lane bounds the time
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _judged(max(refused.code for refused in error.recipients), "all recipients refused") from None
        except aiosmtplib.SMTPResponseException as error:
            raise _judged(error.code, type(error).__name__) from None
        except aiosmtplib.SMTPNotSupported:
            raise Refused("the server offers no STARTTLS, or no way to sign in") from None
        except ssl.SSLError as error:
            raise Unreachable(f"TLS failed: {type(error).__name__}") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unreachable(type(error).__name__) from None


def _judged(code: int, reason: str) -> Refused | Unreachable:
    """Return what a reply of the server means: from 500 on it is for good."""
    return Refused(f"{reason} ({code})") if code >= 500 else Unreachable(f"{reason} ({code})")


def mail_of(notice: Notice, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """Write a mail, as plain text and as HTML. No text of an alert can become a header: the subject is one line."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Subject"] = _CONTROL.sub(" ", _subject(notice))[:_SUBJECT]
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(idstring=notice.id, domain=_DOMAIN)
    mail["Auto-Submitted"] = "auto-generated"  # so that no out-of-office reply comes back
    if len(notice.alerts) == 1:
        # Firing and resolved stand in one thread.
        thread = hashlib.sha256(notice.alerts[0].alert_id.encode(errors="replace")).hexdigest()[:32]
        mail["References"] = f"<{thread}@{_DOMAIN}>"
    mail.set_content(_plain(notice))
    mail.add_alternative(_html(notice), subtype="html")
    return mail


def _subject(notice: Notice) -> str:
    return f"{title(notice)}: {notice.alerts[0].summary}" if len(notice.alerts) == 1 else title(notice)


def _plain(notice: Notice) -> str:
    blocks = []
    for alert in notice.alerts:
        lines = [headline(alert, notice.acknowledged), alert.summary]
        lines += [f"  {name}: {value}" for name, value in facts(alert).items()]
        blocks.append("\n".join(lines))
    return _sendable("\n\n".join([*blocks, *rest(notice)]) + "\n")


def _html(notice: Notice) -> str:
    parts = [_html_of(alert, notice.acknowledged) for alert in notice.alerts]
    parts += [f"<p>{escape(sentence)}</p>" for sentence in rest(notice)]
    return _sendable(f"<!DOCTYPE html><html><body>{''.join(parts)}</body></html>\n")


def _html_of(alert: SystemAlert, acknowledged: bool) -> str:
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in facts(alert).items())
    head = f"<h3>{escape(headline(alert, acknowledged))}</h3><p>{escape(alert.summary)}</p>"
    return f"{head}<table>{rows}</table>"


def _sendable(text: str) -> str:
    """Return text that UTF-8 can hold."""
    return text.encode(errors="replace").decode()
