"""Callbacks that misbehave: the training is the same."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.rag_engine import books_of, small_assembly, within, write_documents


def trainer(folder: Path) -> BldrRAGTrainer:
    return BldrRAGTrainer("", options=within(folder, update_patience=0.3), assembly=small_assembly)


def _raising(*_line: object) -> None:
    raise ValueError("from the callback")


async def _raising_later(*_line: object) -> None:
    raise ValueError("from the callback")


def _exiting(*_line: object) -> None:
    raise SystemExit(1)


async def _hanging_later(*_line: object) -> None:
    await asyncio.Event().wait()


def _disturb(_stage: str, _log: str, _progress: int) -> None:
    threading.Event().wait(0.002)


BAD: dict[str, Callable[..., Any]] = {
    "raising": _raising,
    "raising later": _raising_later,
    "exiting": _exiting,
    "hanging later": _hanging_later,
    "slow": _disturb,
}


def _train(folder: Path, callback: Callable[..., Any] | None) -> tuple[bytes, Any, float]:
    folder.mkdir()
    options = within(folder)
    write_documents(folder, a="one\ntwo", b="fail 4", c="break 9", d="one\ntwo", e="пять")
    begun = time.monotonic()
    with trainer(folder) as it:
        it.set_websocket_callback(callback)
        report = it.train(job_id="j")
        took = time.monotonic() - begun
    same = {"seconds": 0.0, "stage_ms": ()}
    return books_of(options), [file.model_copy(update=same) for file in report.files], took


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_callback_changes_nothing(tmp_path: Path, kind: str) -> None:
    """The library is the same byte by byte, and so is the report; the end comes when patience is over."""
    library, files, _ = _train(tmp_path / "none", None)
    with capture_logs() as logs:
        library_too, files_too, took = _train(tmp_path / "bad", BAD[kind])
    assert (library_too, files_too) == (library, files)
    assert took < 3.0
    complaints = [entry for entry in logs if entry["event"].startswith("a listener")]
    assert len(complaints) == ("raising" in kind or kind == "exiting")


def test_a_hanging_callback_changes_nothing(tmp_path: Path) -> None:
    """One that never comes back; its thread ends with the program."""
    release = threading.Event()
    library, files, _ = _train(tmp_path / "none", None)
    library_too, files_too, took = _train(tmp_path / "bad", lambda *_line: release.wait())
    release.set()
    assert (library_too, files_too) == (library, files)
    assert took < 3.0


def test_the_end_is_held_for_as_long_as_patience_lasts(tmp_path: Path) -> None:
    """For one that hangs; several that hang share it."""
    release = threading.Event()
    ends: list[float] = []
    options = within(tmp_path, update_patience=0.3)
    write_documents(tmp_path, a="one")

    def before(_number: int, _draft: Draft) -> None:
        ends.append(time.monotonic())

    with BldrRAGTrainer("", options=options, assembly=lambda options: small_assembly(options, before)) as it:
        it.set_websocket_callback(lambda *_line: release.wait())
        for _ in range(3):
            it.observe(lambda _update: release.wait())
        it.train()
        held = time.monotonic() - ends[-1]
        release.set()
    assert 0.3 <= held < 1.3


async def test_an_update_may_be_sent_by_hand(tmp_path: Path) -> None:
    """It has been heard when that returns; without a callback, or with a bad one, nothing happens."""
    heard: list[Any] = []

    async def callback(*line: object) -> None:
        heard.append(line)

    with trainer(tmp_path) as it:
        await it.send_stage_update("1/14", "unheard", 7)
        it.set_websocket_callback(callback)
        await it.send_stage_update("2/14", "heard", 14)
        assert heard == [("2/14", "heard", 14)]
        it.set_websocket_callback(_raising)
        await it.send_stage_update("3/14", "refused", 21)
        it.set_websocket_callback(_hanging_later)
        await it.send_stage_update("4/14", "stuck", 29)
