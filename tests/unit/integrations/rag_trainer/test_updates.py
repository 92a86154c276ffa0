"""Where updates go: one callback of three arguments, and observers of everything."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from channels.messages.training import StageUpdate
from integrations.rag_trainer.progress import Progress
from integrations.rag_trainer.reports import TrainingReport
from integrations.rag_trainer.updates import Updates


def _updates(stages: int = 2) -> list[StageUpdate]:
    progress = Progress("j-1")
    made = [progress.begun(1, 0, "begins")]
    progress.file("a.md", 1)
    for number in range(1, stages + 1):
        made += [progress.started(number, "name"), progress.done(number, "name", "log", 1.0)]
    return [*made, progress.ended(TrainingReport(job_id="j-1", state="completed", text="over"))]


LINES = [("1/14", "a.md: log", 7), ("2/14", "a.md: log", 14), ("complete", "over", 100)]
"""What the callback hears of `_updates()`."""


def _send(updates: Updates, made: list[StageUpdate]) -> None:
    for update in made:
        updates.send(update)


def test_the_callback_hears_of_what_has_ended() -> None:
    """In three arguments, as ever; observers hear everything in full."""
    updates = Updates()
    lines: list[Any] = []
    full: list[StageUpdate] = []
    updates.set_callback(lambda *line: lines.append(line))
    updates.observe(full.append)
    made = _updates()
    _send(updates, made)
    updates.close()
    assert lines == LINES
    assert full == made


def test_the_last_callback_wins() -> None:
    """The one before hears nothing more, and nobody hears anything twice."""
    updates = Updates()
    first: list[Any] = []
    second: list[Any] = []
    made = _updates()
    updates.set_callback(lambda *line: first.append(line))
    _send(updates, made[:3])
    updates.set_callback(lambda *line: second.append(line))
    _send(updates, made[3:])
    updates.set_callback(None)
    _send(updates, made)
    updates.close()
    assert (first, second) == (LINES[:1], LINES[1:])


def test_what_waits_for_a_hanging_callback_goes_to_the_next() -> None:
    """Except for the one that it hangs with."""
    updates = Updates(patience=0.01)
    release = threading.Event()
    got: list[Any] = []
    updates.set_callback(lambda *_line: release.wait())
    _send(updates, _updates())
    updates.settle()
    updates.set_callback(lambda *line: got.append(line))
    updates.close()
    release.set()
    assert got == LINES[1:]


def test_settling_has_an_end() -> None:
    """Patience is for all receivers together."""
    updates = Updates(patience=0.1)
    release = threading.Event()
    for _ in range(5):
        updates.observe(lambda _update: release.wait())
    _send(updates, _updates())
    begun = time.monotonic()
    updates.settle()
    assert 0.05 < time.monotonic() - begun < 0.4
    updates.close()
    release.set()


def test_losses_are_counted_also_of_receivers_that_left() -> None:
    """Over all of them."""
    updates = Updates(bound=1, patience=0.0)
    release, entered = threading.Event(), threading.Semaphore(0)
    made = _updates()

    def hang(*_what: object) -> None:
        entered.release()
        release.wait()

    end = updates.observe(hang)
    updates.send(made[0])
    assert entered.acquire(timeout=10)
    _send(updates, made[1:])
    assert updates.dropped == 4
    end()
    end()
    assert updates.dropped == 4
    updates.set_callback(hang)
    updates.say("1/14", "log", 7)
    assert entered.acquire(timeout=10)
    updates.say("2/14", "log", 14)
    updates.say("3/14", "log", 21)
    updates.set_callback(None)
    assert updates.dropped == 5
    release.set()
    updates.close()


def test_an_observer_may_leave() -> None:
    """The others stay."""
    updates = Updates()
    one: list[StageUpdate] = []
    other: list[StageUpdate] = []
    end = updates.observe(one.append)
    updates.observe(other.append)
    made = _updates()
    _send(updates, made[:1])
    end()
    _send(updates, made[1:])
    updates.close()
    assert (one, other) == (made[:1], made)


def test_a_line_is_said_to_the_callback_alone() -> None:
    """And to nobody without one."""
    updates = Updates()
    updates.say("1/14", "unheard", 7)
    lines: list[Any] = []
    full: list[StageUpdate] = []
    updates.set_callback(lambda *line: lines.append(line))
    updates.observe(full.append)
    updates.say("2/14", "log", 14)
    updates.close()
    assert (lines, full) == ([("2/14", "log", 14)], [])


def test_a_callback_is_a_function() -> None:
    """The mistake shows where it is made."""
    wrong: Any = "print"
    with pytest.raises(TypeError, match=r"function of \(stage, log, progress\), or None; came str"):
        Updates().set_callback(wrong)


def test_callbacks_may_be_set_from_many_threads_while_updates_go_out() -> None:
    """Each line is heard exactly once, whoever is listening."""
    updates = Updates()
    got: list[Any] = []
    updates.set_callback(lambda *line: got.append(line))
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            updates.set_callback(lambda *line: got.append(line))

    threads = [threading.Thread(target=change) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(300):
        updates.say("1/14", str(number), 7)
    stop.set()
    for thread in threads:
        thread.join()
    updates.settle()
    updates.close()
    assert sorted(int(log) for _, log, _ in got) == list(range(300))
