"""Turns in the order of asking."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from integrations.rag_trainer.turns import Turns
from tests.rag_engine import until


def test_who_waits_is_before_who_comes_back() -> None:
    """A thread that gives the lock back and asks again at once doesn't get it before one that waits."""
    turns = Turns()
    order: list[str] = []

    def ask() -> None:
        with turns.turn():
            order.append("question")

    with turns.turn():
        thread = threading.Thread(target=ask)
        thread.start()
        until(lambda: turns._next == 2)
    with turns.turn():
        order.append("stage")
    thread.join()
    assert order == ["question", "stage"]


def test_an_error_gives_the_turn_back() -> None:
    """The next one isn't held up."""
    turns = Turns()
    with pytest.raises(KeyError), turns.turn():
        raise KeyError
    with turns.turn():
        pass


def test_who_is_interrupted_while_waiting_holds_up_nobody() -> None:
    """Ctrl+C in the middle of waiting."""
    turns = Turns()
    state: Any = turns._state
    waits = state.wait_for

    def interrupted(_predicate: object) -> None:
        raise KeyboardInterrupt

    with turns.turn():
        state.wait_for = interrupted
        with pytest.raises(KeyboardInterrupt), turns.turn():
            raise AssertionError("has no turn")
        state.wait_for = waits
    with turns.turn():
        pass
