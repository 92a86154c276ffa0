"""Chat over a connection. With a database: tests/integration/test_chat_socket.py."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.adapters.agents.chat_commands import ChatCommands
from hub.adapters.agents.parts import Parts
from hub.wire import Chat, Command, StopRun
from tests.kit import ManualClock

STOP = StopRun(action="stop_run", run="r")


def not_up() -> Parts:
    raise ReplyError(ErrorCode.UNAVAILABLE, "not yet", retry_after=1)


async def refusal(principal: Principal) -> ErrorCode:
    with pytest.raises(ReplyError) as refused:
        await ChatCommands(not_up).run(STOP, principal)
    return refused.value.code


async def test_who_asks_is_looked_at_first() -> None:
    """On an open hub a client names itself: that is no user with agents."""
    now = ManualClock().now()
    assert await refusal(Principal()) is ErrorCode.UNAUTHENTICATED
    assert await refusal(Principal("alice", admin=True)) is ErrorCode.UNAUTHENTICATED
    assert await refusal(Principal("alice", issued=now)) is ErrorCode.UNAVAILABLE


def test_every_command_of_chat_has_its_handler() -> None:
    """And no other one."""
    assert set(ChatCommands(not_up).handlers()) == {each for each in Command.__subclasses__() if each in Chat.__args__}
