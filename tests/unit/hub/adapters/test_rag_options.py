"""From the options of the RAG trainer to what its parts take."""

from __future__ import annotations

from importlib.metadata import packages_distributions

import pytest

from hub.adapters.rag_options import ask_limits, documents_of, folder_of, job_limits, missing_libraries, trainer_options
from hub.sections.rag_trainer import RagTrainerOptions
from integrations.rag_trainer.limits import Limits
from tests.architecture.tree import ROOT


def test_all_lies_in_one_folder() -> None:
    """Unless another one is named for the documents."""
    options = RagTrainerOptions(folder="/srv/rag", faiss=True)
    assert str(documents_of(options)) == "/srv/rag/documents"
    given = trainer_options(options, "/d")
    assert (given.base_dir, given.library, given.faiss_path) == (
        "/d",
        "/srv/rag/library.sqlite",
        "/srv/rag/index.faiss",
    )
    assert given.limits == Limits()
    assert given.embedding.dimensions is None
    assert folder_of(RagTrainerOptions()).name == "rag"


def test_bounds_are_handed_on() -> None:
    """Each under its own name."""
    options = RagTrainerOptions(queue=3, kept_jobs=4, query_queue=5, nice=6, worker_deaths=7, worker_memory=8)
    limits = job_limits(options)
    assert (limits.queue, limits.kept, limits.nice, ask_limits(options).queue) == (3, 4, 6, 5)
    assert (limits.deaths, limits.memory) == (7, 8)


def test_here_all_libraries_are_installed() -> None:
    """The tests run with the extra."""
    assert missing_libraries() == []


def test_each_library_of_the_extra_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name under which it is imported; otherwise a hub would find out in the middle of a training."""
    monkeypatch.setattr("hub.adapters.rag_options.find_spec", lambda _name: None)
    missed = {package.lower() for name in missing_libraries() for package in packages_distributions()[name]}
    lines = (ROOT / "requirements" / "rag.in").read_text(encoding="utf-8").splitlines()
    needed = {line.partition("[")[0].partition(">")[0] for line in lines if line and not line.startswith("#")}
    assert missed == needed
