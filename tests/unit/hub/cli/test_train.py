"""`tocsin train`, from its arguments to its exit code."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from hub.cli import train
from hub.cli.command import build_parser, main
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.reports import TrainingReport

whats: list[object] = []
"""The files that trainings were given."""


@pytest.fixture
def given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[TrainerOptions]:
    """A folder `docs`, a state folder, and what the training was given; it is complete, with one failed file."""
    (folder / "docs").mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    options: list[TrainerOptions] = []
    whats.clear()

    async def work(given: TrainerOptions, files: object, _watcher: object) -> TrainingReport:
        options.append(given)
        whats.append(files)
        return report("completed")

    monkeypatch.setattr(train, "train", work)
    return options


def report(state: str) -> TrainingReport:
    return TrainingReport.model_validate({"job_id": "j", "state": state, "text": f"{state}: 1 failed", "failed": 1})


def test_the_library_is_the_hubs(given: list[TrainerOptions], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that a hub on this machine can be asked at once; documents are called as the hub calls them."""
    assert main(["train", "docs"]) == Exit.OK
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("completed: 1 failed\n", f"the library is {given[0].library}\n")
    (options,) = given
    assert options.base_dir == str(folder / "state" / "tocsin" / "rag" / "documents")
    assert whats == [(str(folder / "docs"),)]
    assert options.library == str(folder / "state" / "tocsin" / "rag" / "library.sqlite")
    assert options.ocr is False


def test_a_library_of_ones_own_has_all_else_beside_it(given: list[TrainerOptions], folder: Path) -> None:
    """Reports too, unless they are to go elsewhere."""
    assert main(["train", "docs", "--library", "out/l.sqlite", "--ocr"]) == Exit.OK
    assert main(["train", "docs", "--library", "out/l.sqlite", "--reports", "r"]) == Exit.OK
    out = folder / "out"
    assert [given[0].library, given[0].graph, given[0].journal, given[0].reports_dir, given[1].reports_dir] == [
        str(out / "l.sqlite"),
        str(out / "graph.sqlite"),
        str(out / "journal.sqlite"),
        str(out / "reports"),
        str(folder / "r"),
    ]
    assert given[0].ocr is True
    assert (given[0].base_dir, whats) == (str(folder / "docs"), [None, None])


def test_the_configuration_counts(given: list[TrainerOptions], folder: Path) -> None:
    """Its section rag_trainer, as for the hub; its folder of documents is trained as a whole."""
    (folder / "hub.yaml").write_text(
        f"rag_trainer: {{folder: {folder}/rag, documents: {folder}/docs, embedding: {{threads: 2}}}}\n"
    )
    assert main(["train", "docs", "--config", "hub.yaml"]) == Exit.OK
    assert (given[0].library, given[0].embedding.threads) == (str(folder / "rag" / "library.sqlite"), 2)
    assert whats == [None]


def test_strict_is_met_by_no_failed_file_alone(given: list[TrainerOptions]) -> None:
    """For scripts."""
    assert main(["train", "docs", "--strict"]) == Exit.UNMET


@pytest.mark.parametrize(("state", "code"), [("failed", Exit.FAILURE), ("cancelled", Exit.INTERRUPTED)])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_how_it_ended_is_the_exit_code(
    given: list[TrainerOptions],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    state: str,
    code: int,
    form: list[str],
) -> None:
    """And is said, on standard error."""

    async def work(_options: TrainerOptions, _files: object, _watcher: object) -> TrainingReport:
        return report(state)

    monkeypatch.setattr(train, "train", work)
    assert main(["train", "docs", *form]) == code
    shown = capsys.readouterr()
    assert f"{state}: 1 failed" in shown.err
    assert shown.out == ""


def test_an_interruption_says_that_nothing_is_lost(
    given: list[TrainerOptions], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second Ctrl+C, in the middle of a stage."""

    async def work(_options: TrainerOptions, _files: object, _watcher: object) -> TrainingReport:
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "train", work)
    assert main(["train", "docs"]) == Exit.INTERRUPTED
    assert capsys.readouterr().err == "ended in the middle of a stage; the same command goes on\n"


def test_no_folder_is_wrong_usage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is started."""
    (folder / "file").write_text("")
    for name, there in (("file", "a file is there: name its folder"), ("none", "nothing is there")):
        assert main(["train", name]) == Exit.USAGE
        assert f"{name}: expected a folder with documents; {there}" in capsys.readouterr().err


@pytest.mark.parametrize("form", [["\udcff"], ["docs", "--library", "\udcff.sqlite"], ["docs", "--reports", "\udcff"]])
def test_a_path_that_is_not_utf_8_is_wrong_usage(
    given: list[TrainerOptions], capsys: pytest.CaptureFixture[str], form: list[str]
) -> None:
    """The library's records, reports and messages are UTF-8."""
    assert main(["train", *form]) == Exit.USAGE
    assert "\\udcff" in (told := capsys.readouterr().err)
    assert "expected a path whose name is UTF-8" in told
    assert given == []


def test_a_missing_extra_is_named(given: list[TrainerOptions], monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do."""
    monkeypatch.setattr(train, "missing_libraries", lambda: ["onnxruntime"])
    args = build_parser().parse_args(["train", "docs"])
    with pytest.raises(Failure, match=r'extra `rag` \(onnxruntime missing\): pip install "tocsin\[rag\]"'):
        train.run(args, Terminal(io.StringIO(), io.StringIO()))
    assert given == []


def test_views_are_for_who_reads() -> None:
    """Programs, people, and pipes."""
    pipe, tty = Terminal(io.StringIO(), io.StringIO()), Terminal(io.StringIO(), io.StringIO(), interactive=True)
    kinds: list[Any] = [
        type(train._view(build_parser().parse_args(["train", "docs", *form]), terminal)).__name__
        for form, terminal in (([], pipe), ([], tty), (["--json"], tty))
    ]
    assert kinds == ["Lines", "Bars", "JsonLines"]


@pytest.mark.timeout(120)
def test_a_folder_is_trained_for_real(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """By a worker process, with the real stages and the local model; the second time everything is there."""
    (folder / "docs").mkdir()
    (folder / "docs" / "a.md").write_text("# Curing\n\nConcrete is cured for seven days and kept moist.\n")
    command = ["train", "docs", "--library", "l.sqlite", "--json"]
    assert main(command) == Exit.OK
    updates = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    done = [(update["stage"], update["progress"]) for update in updates if update["status"] == "done"]
    assert done == [(f"{n}/14", round(100 * n / 14)) for n in range(1, 15)]
    assert updates[-1]["trained"] == 1
    assert main(command) == Exit.OK
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["skipped"] == 1
