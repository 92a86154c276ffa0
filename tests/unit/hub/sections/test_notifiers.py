"""The section `notifiers`: what may be written there."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub.sections.notifiers import EmailOptions, NotifiersOptions, SlackOptions, WebhookOptions


def test_by_default_nobody_is_told() -> None:
    """And nothing is needed."""
    options = NotifiersOptions()
    assert (options.slack, options.email, options.pagerduty, options.webhook) == ({}, {}, {}, {})


def test_secrets_are_not_shown() -> None:
    """Neither printed nor dumped; a webhook's URL is one."""
    options = NotifiersOptions.model_validate(
        {
            "slack": {"a": {"url": "https://hooks.slack.com/swordfish"}},
            "pagerduty": {"a": {"routing_key": "swordfish"}},
            "webhook": {"a": {"url": "https://a.example/swordfish", "secret": "swordfish"}},
            "email": {"a": {"sender": "a@b.c", "to": ["d@e.f"], "password": "swordfish"}},
        }
    )
    assert "swordfish" not in f"{options!r}{options.model_dump()}{options.model_dump_json()}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"slack": {"a": {"url": "hooks.slack.com/x"}}},
        {"slack": {"a b": {}}},
        {"slack": {"a": {"severities": ["page"]}}},
        {"slack": {"a": {"rate": 0}}},
        {"slack": {"a": {"shown": 41}}},
        {"slack": {"a": {"token": "x"}}},
        {"pagerduty": {"a": {"base": "ftp://x"}}},
        {"email": {"a": {"to": ["d@e.f"]}}},
        {"email": {"a": {"sender": "a@b.c", "to": []}}},
        {"email": {"a": {"sender": "a@b.c\r\nBcc: evil@example.com", "to": ["d@e.f"]}}},
        {"email": {"a": {"sender": "a@b.c", "to": ["d@e.f, g@h.i"]}}},
        {"email": {"a": {"sender": "A <a@b.c>", "to": ["d@e.f"]}}},
        {"teams": {}},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """When the configuration is read."""
    with pytest.raises(ValidationError):
        NotifiersOptions.model_validate(wrong)


def test_each_kind_says_what_it_needs() -> None:
    """Mail needs no secret: a server on this machine may ask for none."""
    assert (SlackOptions.secrets, WebhookOptions.secrets, EmailOptions.secrets) == (("url",), ("url", "secret"), ())
