"""Secrets of sections that hold any number of named entries, such as notifiers: read from files, and checked."""

from __future__ import annotations

import re
import ssl
from typing import Any, TypeVar

from pydantic import SecretStr

from hub.configuration.checks import with_secret
from hub.option_types import Section
from hub.sections.notifiers import EmailOptions, NotifierOptions, WebhookOptions
from hub.sections.webhooks import SourceOptions

SectionT = TypeVar("SectionT", bound=Section)

WEBHOOK_SECRET_MIN = 24
"""Shortest secret that webhooks are signed with, in bytes: what Standard Webhooks asks for."""

SOURCE_SECRET_MIN = 16
"""Shortest secret of a forge, in bytes. People make them up, and the hub can be reached by anyone."""

_FILE = "_file"

_SIGNING_TOKENS = "webhooks.gitlab"
"""The forge whose secrets may be signing tokens."""

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def with_named_secrets(options: SectionT, path: str, problems: list[str]) -> SectionT:
    """Return the same options with every secret in place, read from its file where it has one, in all entries.

    Args:
        path: of the section, such as `notifiers`.
        problems: gets a line for each secret that can't be read, is given twice, is missing or too short.
    """
    known = len(problems)
    for name in type(options).model_fields:
        if f"{name}{_FILE}" in type(options).model_fields:
            options = with_secret(options, path, name, problems)
    if len(problems) == known:
        problems += [f"{path}.{problem}" for problem in _problems(options, path)]
    update: dict[str, Any] = {}
    for name, value in options:
        if isinstance(value, Section):
            update[name] = with_named_secrets(value, f"{path}.{name}", problems)
        elif isinstance(value, dict):
            update[name] = {
                key: with_named_secrets(entry, f"{path}.{name}.{key}", problems)
                if isinstance(entry, Section)
                else entry
                for key, entry in value.items()
            }
    return options.model_copy(update=update) if update else options


def _problems(options: Section, path: str) -> list[str]:
    """Return what is wrong with the secrets of one entry, now that they are in place."""
    problems = []
    if isinstance(options, NotifierOptions):
        problems += [
            f"{name}: is missing; give {name} or {name}{_FILE}"
            for name in options.secrets
            if not getattr(options, name).get_secret_value()
        ]
    if isinstance(options, WebhookOptions):
        problems += _too_short(options.secret, WEBHOOK_SECRET_MIN)
        problems += _unusable(options.secret)
    if isinstance(options, EmailOptions):
        problems += _mail_problems(options)
    if isinstance(options, SourceOptions) and options.enabled:
        if not options.secret.get_secret_value():
            problems.append("secret: is missing; anyone could post. Give secret or secret_file")
        problems += _too_short(options.secret, SOURCE_SECRET_MIN)
        problems += _unusable(options.secret) if path == _SIGNING_TOKENS else []
    return problems


def _too_short(secret: SecretStr, least: int) -> list[str]:
    length = len(secret.get_secret_value().encode())
    return [f"secret: expected at least {least} bytes, got {length}"] if 0 < length < least else []


def _unusable(secret: SecretStr) -> list[str]:
    text = secret.get_secret_value()
    usable = not text.startswith("whsec_") or _BASE64.fullmatch(text.removeprefix("whsec_"))
    return [] if usable else ["secret: expected base64 after whsec_"]


def _mail_problems(options: EmailOptions) -> list[str]:
    problems = []
    if bool(options.username) != bool(options.password.get_secret_value()):
        problems.append("username: needs password or password_file, and the other way round")
    if options.username and options.tls == "none":
        problems.append("tls: a password needs starttls or tls")
    if options.tls_ca:
        try:
            ssl.create_default_context(cafile=options.tls_ca)
        except OSError:  # no such file, or nothing in it that is a certificate
            problems.append("tls_ca: can't be read, or holds no certificate")
    return problems
