"""The section `webhooks`: what may be written there."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub.sections.webhooks import WebhooksOptions


def test_by_default_nobody_may_post() -> None:
    """And no login is a user."""
    options = WebhooksOptions()
    assert not any(source.enabled or source.logins for source in (options.github, options.gitlab, options.gitea))


def test_a_secret_is_not_shown() -> None:
    """Neither printed nor dumped."""
    options = WebhooksOptions.model_validate({"github": {"enabled": True, "secret": "swordfish"}})
    assert "swordfish" not in f"{options!r}{options.model_dump()}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"bitbucket": {}},
        {"github": {"secrets": ["x"]}},
        {"users": {"alice": "not a user"}},
        {"rooms": {"acme/shop": "not a room"}},
        {"remember": -1},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """When the configuration is read."""
    with pytest.raises(ValidationError):
        WebhooksOptions.model_validate(wrong)
