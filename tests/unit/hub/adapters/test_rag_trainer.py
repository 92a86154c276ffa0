"""The RAG trainer on the hub. What it does over HTTP: tests/integration/test_training.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.adapters.rag_trainer import Absent, RagTrainer
from integrations.rag_trainer.places import Outside
from tests.live import until
from tests.rag_jobs import COMMAND, write_documents
from tests.unit.hub.http.api.calls import put_together


def trainer_in(folder: Path) -> RagTrainer:
    adapter = put_together(rag_trainer__enabled=True, rag_trainer__folder=str(folder)).adapters.rag_trainer
    assert adapter is not None
    return adapter


@pytest.fixture(autouse=True)
def doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers do what the documents say."""
    monkeypatch.setattr("hub.adapters.rag_trainer.WORKER", COMMAND)


async def test_a_hub_that_is_not_asked_has_none() -> None:
    """No adapter, no folder, no process."""
    assert put_together().adapters.rag_trainer is None


async def test_it_trains_and_measures(tmp_path: Path) -> None:
    """Updates go to the hub's inbox."""
    write_documents(tmp_path / "documents", a="")
    trainer = trainer_in(tmp_path)
    await trainer.start()
    job = await trainer.submit("", None)
    await until(lambda: trainer.trainings.counts() == (0, 0))
    found = {
        sample.name + "".join(f"/{value}" for value in sample.labels.values()): sample.value
        for metric in trainer.collect()
        for sample in metric.samples
    }
    assert found["tocsin_training_jobs_total/completed"] == 1
    assert found["tocsin_training_files_total/trained"] == 1
    assert found["tocsin_training_stages_total/stage 1/done"] == 1
    assert found["tocsin_training_queued"] == found["tocsin_training_running"] == 0
    assert set(trainer.push.outcomes) == {"pushed"}
    state, _ = await trainer.desk.get(job["id"], 0, 10)
    assert state is not None
    assert state["state"] == "completed"
    await trainer.stop()


async def test_one_process_has_the_queue(tmp_path: Path) -> None:
    """The next one takes it over, with its jobs, when the first is gone."""
    first, second = trainer_in(tmp_path), trainer_in(tmp_path)
    await first.start()
    await second.start()
    write_documents(tmp_path / "documents", a="sleep=1000")
    job = await first.submit("", None)
    await first.stop()
    await until(lambda: second.trainings.get(job["id"]) is not None)
    await second.stop()


async def test_what_may_not_be_trained_is_refused(tmp_path: Path) -> None:
    """And nothing is, without the libraries."""
    trainer = trainer_in(tmp_path)
    await trainer.start()
    with pytest.raises(Outside):
        await trainer.submit("/etc", None)
    trainer.missing = ["onnxruntime"]
    with pytest.raises(Absent, match="pip install"):
        await trainer.submit("", None)
    await trainer.stop()


async def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the log at the start, and to who wants something trained. Once it can be used, it is."""
    (tmp_path / "file").touch()
    trainer = trainer_in(tmp_path / "file" / "rag")
    await trainer.start()
    assert "can't be used" in capsys.readouterr().out
    with pytest.raises(Absent, match=r"file/rag/documents can't be made: .*; see rag_trainer\.folder"):
        await trainer.submit("", None)
    (tmp_path / "file").unlink()
    write_documents(tmp_path / "file" / "rag" / "documents", a="")
    job = await trainer.submit("", None)
    await until(lambda: (known := trainer.trainings.get(job["id"])) is not None and known.record.is_over)
    await trainer.stop()
