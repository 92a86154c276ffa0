"""Questions to a library's file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hub.cli.ask_library import ask_library, library_of, options_for
from hub.cli.exits import Exit, Failure
from hub.sections.rag_trainer import RagTrainerOptions
from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.child import Child, start
from integrations.rag_trainer.options import TrainerOptions

ASKED = Question(text="x")

_WORKER = """
import json, sys
order = json.loads(sys.stdin.readline())["order"]
print(json.dumps({"kind": "ready"}), flush=True)
asked = json.loads(sys.stdin.readline())
library = order["options"]["library"]
answer = {"question": library, "mode": "hybrid", "passages": [], "timings_ms": {}, "documents": 0, "chunks": 0}
text = TEXT.replace("LIBRARY", library)
print(json.dumps({"kind": KIND, "id": asked["id"], "answer": answer, "text": text}), flush=True)
sys.stdin.read()
"""


def _worker(kind: str, text: str = "") -> tuple[str, ...]:
    return (sys.executable, "-c", f"KIND, TEXT = {(kind, text)!r}\n{_WORKER}")


def _options(tmp_path: Path) -> TrainerOptions:
    return options_for(RagTrainerOptions(), tmp_path / "library.sqlite")


def test_a_library_is_asked_in_a_process_of_its_own(tmp_path: Path) -> None:
    """Which is told the file, and ends with the command."""
    started: list[Child] = []

    async def begin() -> Child:
        started.append(await start(_worker("answer")))
        return started[0]

    assert ask_library(_options(tmp_path), ASKED, begin).question == str(tmp_path / "library.sqlite")
    assert started[0].code is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("the model is missing", "LIBRARY: the model is missing"),
        ("BadLibrary: LIBRARY: it is damaged", "LIBRARY: it is damaged"),
    ],
    ids=["other", "library"],
)
def test_a_library_that_cannot_be_asked(tmp_path: Path, text: str, told: str) -> None:
    """Is told in the worker's words, the file once."""
    with pytest.raises(Failure) as caught:
        ask_library(_options(tmp_path), ASKED, lambda: start(_worker("fault", text)))
    assert caught.value.code is Exit.FAILURE
    assert caught.value.lines == (told.replace("LIBRARY", str(tmp_path / "library.sqlite")),)


def test_a_file_is_asked_with_the_model_of_the_configuration(tmp_path: Path) -> None:
    """And with no store but itself: the others have what the hub trained."""
    section = RagTrainerOptions.model_validate(
        {
            "faiss": True,
            "search": "faiss",
            "pgvector_dsn": "postgresql://h/d",
            "qdrant": {"path": "/q"},
            "neo4j": {"uri": "bolt://h", "user": "u", "password": "p"},
            "embedding": {"provider": "openai", "model": "m", "base_url": "http://h/v1"},
        }
    )
    options = options_for(section, tmp_path / "l.sqlite")
    assert (options.library, options.search) == (str(tmp_path / "l.sqlite"), "embedded")
    assert (options.faiss_path, options.qdrant.path, options.neo4j.uri) == ("", "", "")
    assert not options.pgvector_dsn.get_secret_value()
    assert (options.embedding.provider, options.embedding.model) == ("openai", "m")


def test_a_library_is_named_by_its_file_or_folder(tmp_path: Path) -> None:
    """A folder of documents has it in `.tocsin`; a folder without one, an empty file and no file are wrong usage."""
    (tmp_path / ".tocsin").mkdir()
    file = tmp_path / ".tocsin" / "library.sqlite"
    for given, words in (
        (tmp_path, "expected library.sqlite or .tocsin/library.sqlite in this folder"),
        (file, "made by `tocsin train`; none is there"),
    ):
        with pytest.raises(Failure, match=words) as caught:
            library_of(str(given))
        assert caught.value.code is Exit.USAGE
    file.touch()
    with pytest.raises(Failure, match="got an empty one"):
        library_of(str(file))
    file.write_bytes(b"SQLite format 3")
    assert library_of(str(tmp_path)) == library_of(str(tmp_path / ".tocsin")) == library_of(str(file)) == file
