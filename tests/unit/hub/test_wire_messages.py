"""The models of messages. Whether they are what a hub sends: tests/integration/test_messages.py."""

from __future__ import annotations

from hub.wire import ACTIONS
from hub.wire_messages import GREETINGS, MESSAGES, NOTICES, REPLIES


def test_every_action_has_its_reply() -> None:
    """No command is without an answer, and no answer without a command."""
    assert set(REPLIES) == set(ACTIONS)


def test_every_message_is_there_once() -> None:
    """Under a name of its own, with a line that says what it means."""
    assert len({model.__name__ for model in MESSAGES}) == len(MESSAGES)
    assert {*GREETINGS, *NOTICES, *REPLIES.values()} <= set(MESSAGES)
    assert [model.__name__ for model in MESSAGES if not model.__doc__] == []
