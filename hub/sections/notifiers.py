"""The options of notifiers: who else gets alerts."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field, SecretStr

from hub.option_types import Name, Seconds, Section

_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_WEB: Final = re.compile(r"https?://[!-~]+")


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("expected a mail address such as ops@example.com, without a name")
    return text


def _web(text: str) -> str:
    if not _WEB.fullmatch(text):
        raise ValueError("expected an address that begins with http:// or https://")
    return text


def _secret_web(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if text:
        _web(text)
    return secret


Address = Annotated[str, AfterValidator(_address)]
SecretUrl = Annotated[SecretStr, AfterValidator(_secret_web)]
Severity = Literal["info", "warning", "critical"]


class NotifierOptions(Section):
    """What every notifier has."""

    secrets: ClassVar[tuple[str, ...]] = ()
    """Options that must be given, each by itself or in a file."""

    severities: tuple[Severity, ...] = Field(
        ("info", "warning", "critical"), description="levels of the alerts that it tells"
    )
    labels: dict[str, str] = Field(
        {}, description="labels that an alert must have; values may hold * and ?", examples=[{"team": "data"}]
    )
    resolved: bool = Field(True, description="also tell when an alert is resolved")
    rate: float = Field(
        20.0, gt=0, description="messages per minute in the long run; what comes faster becomes one message"
    )
    burst: int = Field(5, ge=1, description="messages that may go at once")
    shown: int = Field(10, ge=1, le=40, description="alerts that one message shows; of others it tells the number")
    queue: int = Field(1_000, ge=1, description="alerts that may wait; of more, the oldest are told as a number")
    timeout: float = Field(10.0, gt=0, description="seconds that one try may take")
    retry_for: Seconds = Field(600.0, description="seconds for which a message is tried again; 0: once")


class SlackOptions(NotifierOptions):
    """A channel of Slack."""

    secrets = ("url",)

    url: SecretUrl = Field(SecretStr(""), description="of the incoming webhook, which is a secret; better in url_file")
    url_file: str = Field("", description="file that holds the URL")


class PagerDutyOptions(NotifierOptions):
    """A service of PagerDuty."""

    secrets = ("routing_key",)

    routing_key: SecretStr = Field(
        SecretStr(""), description="of the service's integration (Events API v2); better in routing_key_file"
    )
    routing_key_file: str = Field("", description="file that holds the key")
    base: Annotated[str, AfterValidator(_web)] = Field(
        "https://events.pagerduty.com",
        description="where events go; https://events.eu.pagerduty.com for the European region",
    )


class WebhookOptions(NotifierOptions):
    """Any URL, by a signed webhook."""

    secrets = ("url", "secret")

    url: SecretUrl = Field(SecretStr(""), description="where alerts are posted; may be a secret")
    url_file: str = Field("", description="file that holds the URL")
    secret: SecretStr = Field(
        SecretStr(""), description="what bodies are signed with: at least 24 bytes, or whsec_ and base64"
    )
    secret_file: str = Field("", description="file that holds the secret")


class EmailOptions(NotifierOptions):
    """Mail addresses."""

    host: str = Field("127.0.0.1", min_length=1, description="mail server")
    port: int = Field(0, ge=0, le=65535, description="its port; 0: 587 with starttls, 465 with tls, else 25")
    tls: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="starttls (refused when the server doesn't offer it), tls from the first byte, or none, which is "
        "for this machine only",
    )
    tls_ca: str = Field("", description="PEM file with authorities for the server's certificate; empty: the system's")
    username: str = Field("", description="who signs in; empty: nobody")
    password: SecretStr = Field(SecretStr(""), description="better given in password_file")
    password_file: str = Field("", description="file that holds the password")
    sender: Address = Field(description="address in From")
    to: tuple[Address, ...] = Field(description="addresses that get it", min_length=1)


class NotifiersOptions(Section):
    """Who else gets alerts: Slack, e-mail, PagerDuty and any URL. Each notifier has a name, which metrics show."""

    slack: dict[Name, SlackOptions] = Field(
        {},
        description="channels of Slack, by names of your own",
        examples=[{"ops": {"url_file": "/run/secrets/slack-ops", "severities": ["warning", "critical"]}}],
    )
    email: dict[Name, EmailOptions] = Field(
        {},
        description="mail addresses, by names of your own",
        examples=[{"team": {"host": "mail.example.com", "sender": "tocsin@example.com", "to": ["ops@example.com"]}}],
    )
    pagerduty: dict[Name, PagerDutyOptions] = Field(
        {},
        description="services of PagerDuty, by names of your own",
        examples=[{"oncall": {"routing_key_file": "/run/secrets/pagerduty", "severities": ["critical"]}}],
    )
    webhook: dict[Name, WebhookOptions] = Field(
        {},
        description="URLs that get a signed POST, by names of your own",
        examples=[{"desk": {"url": "https://desk.example.com/alerts", "secret_file": "/run/secrets/desk"}}],
    )
    grace: Seconds = Field(5.0, description="seconds on stop in which alerts that wait are tried once more")
