"""The options of event streams."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.sections.events import EventsOptions


def test_defaults() -> None:
    """A heartbeat that proxies with a minute's patience hear; no end for who only listens; tickets for seconds."""
    options = EventsOptions()
    assert (options.heartbeat, options.idle_timeout, options.ticket_lifetime) == (30.0, 0.0, 30.0)
    assert not options.cookie_secure


@pytest.mark.parametrize(
    "wrong",
    [
        {"cookie": "a b"},
        {"cookie": ""},
        {"cookie": "x=y"},
        {"ticket_lifetime": 0},
        {"ticket_lifetime": 3600},
        {"retry": 0},
        {"heartbeat": -1},
    ],
)
def test_bounds(wrong: dict[str, object]) -> None:
    """A cookie's name is one; a ticket can't live long, or it would be a token in a URL."""
    with pytest.raises(ValidationError):
        EventsOptions.model_validate(wrong)
