"""Parts of tables."""

from __future__ import annotations

from sqlalchemy import column
from sqlalchemy.dialects.postgresql import JSONB

from agents.store.columns import is_one_of, json_column, of_own_agent, of_own_session, one_of


def test_words_of_a_column() -> None:
    """Are checked by the table."""
    assert str(one_of("status", ("ready", "busy")).sqltext) == "status IN ('ready', 'busy')"


def test_words_of_a_condition() -> None:
    """Stand in the statement itself, so that an index with this condition can be used whatever is prepared."""
    compiled = is_one_of(column("type"), ("a", "b")).compile()
    assert (str(compiled), compiled.params) == ("type IN ('a', 'b')", {})


def test_keys_hold_the_owner() -> None:
    """So a row can't be about somebody else's session or agent."""
    assert of_own_session().column_keys == ["session_id", "user_id"]
    assert of_own_agent("CASCADE").column_keys == ["agent_id", "user_id"]
    assert of_own_agent("CASCADE").ondelete == "CASCADE"


def test_no_json_is_null() -> None:
    """Not the JSON text `null`, which would be something."""
    kind = json_column("data").type
    assert isinstance(kind, JSONB)
    assert kind.none_as_null
