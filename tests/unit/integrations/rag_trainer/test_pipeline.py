"""One document's way through the stages."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.pipeline import FAULT, Pipeline, Run, hash_of
from integrations.rag_trainer.reports import FileReport
from integrations.rag_trainer.results import Result, Validation
from tests.rag_books import BookLibrary
from tests.rag_engine import SmallStage


class Notes:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.ends: list[Any] = []
        self.begun: list[int] = []
        self.results: list[Result] = []

    def started(self, number: int, name: str) -> None:
        self.begun.append(number)

    def done(self, number: int, name: str, result: Result, ms: float) -> None:
        self.results.append(result)

    def skipped(self, number: int, name: str, reason: str, text: str, ms: float) -> None:
        self.ends.append(("skipped", number, name, reason, text, ms))

    def failed(self, number: int, name: str, reason: str, text: str, ms: float) -> None:
        self.ends.append(("failed", number, name, reason, text, ms))


class Bench:
    """A pipeline of small stages on a clock that goes on by half a second whenever it is looked at."""

    def __init__(self, folder: Path, before: Any = lambda _number, _draft: None) -> None:
        self.library = BookLibrary(folder / "library.json")
        ticks = count(0.0, 0.5)
        self.stages = [SmallStage(number, self.library, before) for number in range(1, 15)]
        self.pipeline = Pipeline(self.stages, lambda: next(ticks))
        self.notes = Notes()
        self.path = folder / "a.txt"

    def train(self, text: str, finished: Any = (), cancelled: Any = lambda: False) -> FileReport:
        self.path.write_text(text, "utf-8")
        return self.pipeline.run(Run(Source(self.path, "a.txt"), finished), self.notes, cancelled)


def test_a_document_goes_through_all_stages(tmp_path: Path) -> None:
    """In order, each told when it begins and when it ends, with its time; the report sums up."""
    bench = Bench(tmp_path)
    report = bench.train("one\nдва\n")
    assert bench.notes.begun == list(range(1, 15))
    assert [type(result) for result in bench.notes.results] == [stage.result for stage in bench.stages]
    assert report == FileReport(
        name="a.txt", outcome="trained", type="generic", chunks=2, quality=80, seconds=7.0, stage_ms=(500.0,) * 14
    )
    assert list(bench.library.books) == ["a.txt"]


@pytest.mark.parametrize("number", [1, 2, 7, 13, 14])
def test_a_stage_that_fails_ends_the_document(tmp_path: Path, number: int) -> None:
    """With its reason; nothing of it is in the library."""
    bench = Bench(tmp_path)
    report = bench.train(f"fail {number}")
    text = f"expected no line `fail {number}`; there is one"
    assert (report.outcome, report.reason, report.text, report.stage) == ("failed", "told_to", text, number)
    assert bench.notes.ends == [("failed", number, bench.stages[number - 1].name, "told_to", text, 500.0)]
    assert len(report.stage_ms) == number
    assert bench.library.books == {}


@pytest.mark.parametrize("number", [1, 5, 14])
def test_what_no_stage_has_foreseen_is_a_fault_of_the_document(tmp_path: Path, number: int) -> None:
    """It names the exception and the stage, without a password that it quotes; the next document goes its way."""
    bench = Bench(tmp_path)
    report = bench.train(f"break {number}")
    name = bench.stages[number - 1].name
    assert (report.outcome, report.reason, report.stage) == ("failed", FAULT, number)
    assert report.text == f"ZeroDivisionError: at https://host/x (in {name})"
    assert bench.train("fine").outcome == "trained"


def test_a_stage_may_skip_the_rest(tmp_path: Path) -> None:
    """A document that is there already."""
    bench = Bench(tmp_path)
    bench.train("one")
    report = bench.train("one")
    assert (report.outcome, report.reason, report.stage) == ("skipped", "duplicate", 2)
    assert bench.notes.ends == [("skipped", 2, "duplicate", "duplicate", "has the same bytes as a.txt", 500.0)]


def test_no_chunks_is_a_failure(tmp_path: Path) -> None:
    """A document that can't be found must not count as trained."""
    bench = Bench(tmp_path)
    report = bench.train("empty")
    assert (report.outcome, report.reason, report.stage) == ("failed", "no_chunks", 13)
    assert bench.library.books == {}


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_passes(tmp_path: Path, interruption: type[BaseException]) -> None:
    """It isn't the document's fault."""

    def before(number: int, _draft: Draft) -> None:
        if number == 3:
            raise interruption

    with pytest.raises(interruption):
        Bench(tmp_path, before).train("one")


def test_cancelling_is_between_stages(tmp_path: Path) -> None:
    """The stage that is at work is finished first."""
    bench = Bench(tmp_path)
    report = bench.train("one", cancelled=lambda: len(bench.notes.results) == 6)
    assert (report.outcome, report.stage) == ("cancelled", 7)
    assert bench.notes.begun == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("finished", [1, 5, 13, 14])
def test_finished_stages_are_not_repeated(tmp_path: Path, finished: int) -> None:
    """What comes out is the same as in one go."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    bench, again = Bench(tmp_path / "one"), Bench(tmp_path / "two")
    whole = bench.train("one\ntwo")
    report = again.train("one\ntwo", finished=bench.notes.results[:finished])
    assert again.notes.begun == list(range(finished + 1, 15))
    assert (report.resumed, report.stage_ms) == (finished, (0.0,) * finished + (500.0,) * (14 - finished))
    same = {"resumed": 0, "stage_ms": (), "seconds": 0.0}
    assert report.model_copy(update=same) == whole.model_copy(update=same)


def test_a_result_of_the_wrong_kind_is_a_fault(tmp_path: Path) -> None:
    """It couldn't be read back after a kill."""
    bench = Bench(tmp_path)
    bench.stages[4].result = Validation
    report = bench.train("one")
    assert (report.reason, report.stage) == (FAULT, 5)
    assert report.text == "TypeError: expected Validation of the stage structure; came Structure (in structure)"


def test_there_are_fourteen_stages(tmp_path: Path) -> None:
    """Not one fewer."""
    with pytest.raises(ValueError, match="expected 14 stages; came 13: validation, "):
        Pipeline(Bench(tmp_path).stages[:13], lambda: 0.0)


def test_the_hash_is_known_after_the_second_stage(tmp_path: Path) -> None:
    """Of a run that got so far."""
    bench = Bench(tmp_path)
    bench.train("one")
    source = Source(bench.path, "a.txt")
    assert hash_of(Run(source, bench.notes.results[:1])) is None
    assert hash_of(Run(source, bench.notes.results[:2])) == (
        "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    )
