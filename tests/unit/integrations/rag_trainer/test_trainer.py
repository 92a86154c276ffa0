"""The trainer's front: jobs and questions. See also test_trainer_failures.py, and test_trainer_updates.py."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest

from channels.messages.training import StageUpdate
from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.lock import Locked, WriterLock
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.report_files import read_report
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.rag_engine import books_of, small_assembly, until, within, write_documents

_KILLED = """
import sys
from pathlib import Path
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.rag_engine import kill_at, small_assembly, within
options = within(Path(sys.argv[1]))
before = kill_at(int(sys.argv[2]), "b.txt")
BldrRAGTrainer("", options=options, assembly=lambda options: small_assembly(options, before)).train()
"""


def trainer(options: TrainerOptions) -> BldrRAGTrainer:
    ids = count(1)
    return BldrRAGTrainer("", options=options, assembly=small_assembly, new_id=lambda: str(next(ids)))


def test_a_folder_is_trained_and_asked(tmp_path: Path) -> None:
    """What was trained is found, with its place; the report is on disk."""
    options = within(tmp_path)
    write_documents(tmp_path, a="strip topsoil\npour concrete", b="снять грунт\nуложить бетон")
    with trainer(options) as it:
        assert it.query("concrete").passages == ()
        report = it.train()
        assert (report.state, report.trained, report.chunks) == ("completed", 2, 4)
        answer = it.query("concrete", limit=1)
        assert [(p.document, p.text, p.start, p.end) for p in answer.passages] == [("a.txt", "pour concrete", 14, 27)]
        assert it.query(Question(text="бетон")).passages[0].document == "b.txt"
        assert it.query("pour грунт", 2, mode="lexical").mode == "lexical"
    assert read_report(Path(options.reports_dir) / "train-1.json") == report


def test_training_twice_changes_nothing(tmp_path: Path) -> None:
    """Everything is a duplicate; another job, another report."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one", b="two")
    with trainer(options) as it:
        it.train()
        before = books_of(options)
        report = it.train()
        assert (report.job_id, report.state, report.trained, report.skipped) == ("train-2", "completed", 0, 2)
        assert {file.reason for file in report.files} == {"duplicate"}
    assert books_of(options) == before


def test_a_changed_file_replaces_its_own(tmp_path: Path) -> None:
    """And nothing else."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one\ntwo", b="three")
    with trainer(options) as it:
        it.train()
        write_documents(tmp_path, a="one\nfour\nfive")
        report = it.train()
        assert [(file.name, file.outcome, file.chunks, file.replaced) for file in report.files] == [
            ("a.txt", "trained", 3, 2),
            ("b.txt", "skipped", 0, 0),
        ]
        assert it.query("two").passages == ()
        assert {passage.text for passage in it.query("four three").passages} == {"four", "three"}


def test_removed_files_stay_unless_pruned(tmp_path: Path) -> None:
    """Pruning is asked for, and only after all that there is was seen."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one", b="two")
    with trainer(options) as it:
        it.train()
        (tmp_path / "in" / "b.txt").unlink()
        assert it.train().text.startswith("complete: 0 trained, 1 skipped")
        assert len(it.query("two").passages) == 1
        assert it.train(prune=True).text.endswith("; 1 removed")
        assert it.query("two").passages == ()
        assert not it.train(prune=True).text.endswith("removed")
        with pytest.raises(ValueError, match="prune with a whole folder"):
            it.train(["a.txt"], prune=True)


def test_a_folder_that_could_not_be_read_prunes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its documents aren't gone."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one")
    (tmp_path / "in" / "sub").mkdir()
    (tmp_path / "in" / "sub" / "b.txt").write_text("two")
    real = os.scandir

    def scandir(folder: Path) -> object:
        if Path(folder).name == "sub":
            raise PermissionError(13, "Permission denied")
        return real(folder)

    with trainer(options) as it:
        it.train()
        monkeypatch.setattr(os, "scandir", scandir)
        report = it.train(prune=True)
        assert (report.state, report.failed) == ("completed", 1)
        assert len(it.query("two").passages) == 1


@pytest.mark.parametrize("stage", [1, 2, 3, 8, 13, 14])
def test_a_killed_job_goes_on(tmp_path: Path, stage: int) -> None:
    """`kill -9` in the middle of a stage; the next `train` does the rest, and all is as if nothing had been."""
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    options = {}
    for folder in (calm, killed):
        folder.mkdir()
        options[folder] = within(folder)
        write_documents(folder, a="one", b="two\nthree", c="four")
    with trainer(options[calm]) as it:
        whole = it.train()
    command = [sys.executable, "-c", _KILLED, str(killed), str(stage)]
    result = subprocess.run(command, capture_output=True, timeout=50, check=False)
    assert (result.returncode, result.stderr) == (-9, b"")
    updates: list[StageUpdate] = []
    with trainer(options[killed]) as it:
        it.observe(updates.append)
        report = it.train()
    assert [file.resumed for file in report.files] == [0, stage - 1, 0]
    ran = {update.file for update in updates if update.status == "started" and update.file}
    assert ran == {"b.txt", "c.txt"}
    assert (report.trained, report.chunks, report.state) == (whole.trained, whole.chunks, "completed")
    assert books_of(options[killed]) == books_of(options[calm])
    assert report.job_id != "train-1"
    with trainer(options[killed]) as it:
        assert it.train().job_id == "train-1"


def test_a_job_goes_on_by_its_own_id(tmp_path: Path) -> None:
    """One that was named isn't taken up by one that wasn't."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one", b="two")
    stops = iter([False] * 20)
    with trainer(options) as it:
        assert it.train(job_id="hub-7", cancelled=lambda: next(stops, True)).state == "cancelled"
        stops = iter([False] * 3)
        assert it.train(["b.txt"], cancelled=lambda: next(stops, True)).job_id == "train-1"
        assert it.train(["a.txt"]).job_id == "train-2"
        assert it.train(["b.txt"]).job_id == "train-1"
        report = it.train(job_id="hub-7")
        assert (report.job_id, report.trained, report.state) == ("hub-7", 2, "completed")


@pytest.mark.parametrize("job_id", ["-x", "../x", "a b", "x" * 101, ".hidden"])
def test_a_job_id_is_a_plain_name(tmp_path: Path, job_id: str) -> None:
    """It becomes the name of a file."""
    with trainer(within(tmp_path)) as it, pytest.raises(ValueError, match="expected a job_id of letters"):
        it.train(job_id=job_id)


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    """Before anything was told; when the first has ended, it may."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one")
    updates: list[StageUpdate] = []
    with trainer(options) as it:
        it.observe(updates.append)
        with WriterLock(Path(options.library)), pytest.raises(Locked, match=str(os.getpid())):
            it.train()
        assert updates == []
        assert it.train().state == "completed"


def test_a_second_training_of_one_trainer_waits(tmp_path: Path) -> None:
    """From another thread; both end well."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one", b="two")
    states: list[str] = []
    with trainer(options) as it:
        threads = [threading.Thread(target=lambda: states.append(it.train().state)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert states == ["completed"] * 4


def test_a_question_waits_for_a_stage_and_not_for_the_job(tmp_path: Path) -> None:
    """It is answered in the middle of the training."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one", b="two")
    begun, release = threading.Event(), threading.Event()

    def before(number: int, draft: Draft) -> None:
        if draft.source.name == "b.txt" and number == 5:
            begun.set()
            release.wait(30)

    found: list[str] = []
    it = BldrRAGTrainer("", options=options, assembly=lambda options: small_assembly(options, before))
    training = threading.Thread(target=it.train)
    training.start()
    assert begun.wait(30)
    asking = threading.Thread(target=lambda: found.extend(passage.text for passage in it.query("one two").passages))
    asking.start()
    until(lambda: it._turns._next > it._turns._serving + 1)
    release.set()
    asking.join(30)
    training.join(30)
    it.close()
    assert found == ["one"]


async def test_it_trains_in_a_thread_beside_a_running_loop(tmp_path: Path) -> None:
    """And on the loop's own thread, which it then blocks."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one")
    with trainer(options) as it:
        assert (await asyncio.to_thread(it.train)).state == "completed"
        assert it.train().state == "completed"


def test_options_and_parameters_are_not_mixed(tmp_path: Path) -> None:
    """One of the two would be without effect."""
    options = within(tmp_path)
    with pytest.raises(ValueError, match="came both"):
        BldrRAGTrainer(tmp_path, "bolt://x", options=options)
    assert BldrRAGTrainer.from_options(options).options is options
