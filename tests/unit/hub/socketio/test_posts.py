"""Posts of a polling client: turns, repetitions, and room for more."""

from __future__ import annotations

import asyncio

import pytest

from hub.socketio.posts import Overlapping, Posts


def test_one_at_a_time() -> None:
    """Another one is refused while the first is under way; afterwards it isn't, however the first ended."""
    posts = Posts()
    for attempt in ("", "t2"):
        with posts.turn("t1"), pytest.raises(Overlapping), posts.turn(attempt):
            pass
        assert not posts.is_busy
    with pytest.raises(ValueError, match="broken"), posts.turn("t1"):
        raise ValueError("broken")
    with posts.turn(""), pytest.raises(Overlapping), posts.turn(""):
        pass
    with posts.turn("t3"):
        pass


def test_one_that_is_sent_again() -> None:
    """Has its turn while the first, whose connection broke, is still there; the end of the first doesn't end it."""
    posts = Posts()
    first, again = posts.turn("t1"), posts.turn("t1")
    first.__enter__()
    again.__enter__()
    first.__exit__(None, None, None)
    assert posts.is_busy
    with pytest.raises(Overlapping), posts.turn("t2"):
        pass
    again.__exit__(None, None, None)
    with posts.turn("t2"):
        pass


def test_each_is_taken_once() -> None:
    """As far as the client says which is which."""
    posts = Posts()
    said = ["t1", "t1", "t2", "t1", "", ""]
    assert [posts.is_new(attempt) for attempt in said] == [True, False, True, True, True, True]


async def test_a_full_inbox() -> None:
    """Makes the answer wait, until there is room."""
    posts = Posts()
    await posts.room()
    posts.read_on(False)
    posts.read_on(False)
    waiting = asyncio.create_task(posts.room())
    await asyncio.sleep(0)
    assert (posts.is_full, waiting.done()) == (True, False)
    posts.read_on(True)
    posts.read_on(True)
    await waiting
    assert not posts.is_full
