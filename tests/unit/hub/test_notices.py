"""Notices by kind, over one noticeboard."""

from __future__ import annotations

import pytest
import structlog

from channels.errors import ErrorCode, ReplyError
from channels.local import LocalNoticeboard
from hub.notices import Details, Notices
from tests.joined import JoinedNoticeboard, Junction
from tests.kit import ManualClock

Heard = list[tuple[str, Details, float]]


def reader(notices: Notices, *kinds: str) -> Heard:
    """Listen to these kinds, and start."""
    heard: Heard = []
    for kind in kinds:
        notices.listen(kind, lambda details, until, kind=kind: heard.append((kind, details, until)))  # type: ignore[misc]
    notices.start()
    return heard


async def test_each_kind_has_its_own_handler() -> None:
    """It gets what was posted, and the end; when `post` returns it has been called."""
    clock = ManualClock()
    notices = Notices(LocalNoticeboard(clock))
    heard = reader(notices, "token", "user")
    until = clock.now() + 10
    await notices.post("user", ("alice é", 12.5), until)
    await notices.post("token", ("t1",), until)
    assert heard == [("user", ("alice é", 12.5), until), ("token", ("t1",), until)]


async def test_what_is_up_already_comes_at_the_start() -> None:
    """A process that joins later knows it, too."""
    clock = ManualClock()
    junction = Junction(clock)
    await Notices(JoinedNoticeboard(junction)).post("token", ("t1",), clock.now() + 10)
    assert reader(Notices(JoinedNoticeboard(junction)), "token") == [("token", ("t1",), clock.now() + 10)]


@pytest.mark.parametrize("notice", ['["spell", "x"]', "[]", "7", "{}", "no JSON", '["token'])
async def test_what_nobody_understands_is_counted_and_told_once(notice: str) -> None:
    """A hub of another version may post what this one doesn't know; the rest goes on."""
    clock = ManualClock()
    board = LocalNoticeboard(clock)
    notices = Notices(board)
    heard = reader(notices, "token")
    with structlog.testing.capture_logs() as logs:
        await board.post(notice, clock.now() + 10)
        await board.post(notice, clock.now() + 20)
    await notices.post("token", ("t1",), clock.now() + 10)
    assert notices.unread == 2
    assert len(logs) == 1
    assert len(heard) == 1


async def test_a_board_that_is_away_refuses() -> None:
    """Nobody has the notice then."""
    junction = Junction(ManualClock())
    notices = Notices(JoinedNoticeboard(junction))
    heard = reader(notices, "token")
    junction.away = True
    with pytest.raises(ReplyError) as caught:
        await notices.post("token", ("t1",), 9e9)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert heard == []
