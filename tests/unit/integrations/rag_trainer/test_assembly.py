"""What a trainer stands on: the real stages and stores."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.assembly import assemble
from integrations.rag_trainer.options import EmbeddingOptions, Neo4jOptions, QdrantOptions
from integrations.rag_trainer.pipeline import Pipeline
from tests.rag_books import NoStore
from tests.rag_engine import KINDS, small_assembly, within


def test_the_stages_are_in_their_order(tmp_path: Path) -> None:
    """Fourteen, each making what the next ones expect; an empty library gives an empty answer."""
    with closing(assemble(within(tmp_path))) as made:
        pipeline = Pipeline(made.stages, lambda: 0.0)
        assert [stage.result for stage in pipeline.stages] == list(KINDS)
        names = [stage.name for stage in pipeline.stages]
        assert len(set(names)) == 14
        assert all(name == name.lower() for name in names)
        assert made.library.documents() == []
        assert made.ask(Question(text="anything")).passages == ()
    assert (tmp_path / "out" / "library.sqlite").exists()
    assert (tmp_path / "out" / "graph.sqlite").exists()


def test_the_notes_say_what_stands_in_for_what(tmp_path: Path) -> None:
    """Without Neo4j, and with Qdrant."""
    options = within(tmp_path, qdrant=QdrantOptions(path=str(tmp_path / "qdrant")))
    with closing(assemble(options)) as made:
        assert [store.name for store in made.stores] == ["qdrant"]
        assert "no Neo4j is configured" in made.notes[0]
        assert "qdrant" in made.notes[1]
        assert made.graph.name == "embedded"


def test_neo4j_is_used_where_it_is_configured(tmp_path: Path) -> None:
    """Nothing is connected before it is needed, and its password is in no text."""
    neo4j = Neo4jOptions(uri="bolt://127.0.0.1:1", user="neo4j", password=SecretStr("secret"))
    with closing(assemble(within(tmp_path, neo4j=neo4j))) as made:
        assert made.graph.name == "neo4j"
        assert made.notes[0] == "Works go to Neo4j."
        assert "secret" not in repr(made)
    assert not (tmp_path / "out" / "graph.sqlite").exists()


def test_what_cannot_be_put_together_leaves_nothing_open(tmp_path: Path) -> None:
    """The last part fails: the files are let go of, and the next try may have them."""
    options = within(tmp_path, embedding=EmbeddingOptions(model="none-such"))
    with pytest.raises(ValueError, match=r"embedding\.model"):
        assemble(options)
    with closing(assemble(within(tmp_path))) as made:
        assert made.library.documents() == []


def test_removing_is_from_every_store(tmp_path: Path) -> None:
    """And closing closes."""
    (tmp_path / "out").mkdir()
    made = small_assembly(within(tmp_path))
    made.remove("a.txt")
    assert isinstance(made.graph, NoStore)
    assert made.graph.removed == ["a.txt", "a.txt"]
    made.close()
