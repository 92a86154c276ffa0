"""Options of agents that must fit together. Those of providers: test_agents_models.py."""

from __future__ import annotations

import pytest

from hub.settings import SettingsError
from tests.live import settings_for


def test_they_are_off_unless_said_otherwise() -> None:
    """So a hub without them starts no database for them."""
    assert not settings_for().agents.enabled


def test_the_responder_that_is_built_in_may_be_named() -> None:
    """It is a model like others."""
    assert settings_for(agents__default_model="offline/retrieval").agents.complaints() == []


@pytest.mark.parametrize("name", ["tocsin-agents", "Tocsin", "1st", 'a"; DROP'])
@pytest.mark.parametrize("option", ["database_schema", "database_role"])
def test_names_in_the_database_need_no_quotes(option: str, name: str) -> None:
    """What would have to be quoted in SQL is refused."""
    with pytest.raises(SettingsError, match=f"agents.{option}"):
        settings_for(**{f"agents__{option}": name})
