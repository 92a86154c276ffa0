"""Options of a trainer."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.options import EmbeddingOptions, Neo4jOptions
from integrations.rag_trainer.settings import options_of, settings_of


def test_all_but_the_folder_may_be_absent(tmp_path: Path) -> None:
    """Then all else lies in a hidden folder of it, no server is used, and there is no password."""
    options = options_of(tmp_path)
    assert options.base_dir == str(tmp_path)
    assert options.library == str(tmp_path / ".tocsin" / "library.sqlite")
    assert options.graph == str(tmp_path / ".tocsin" / "graph.sqlite")
    assert options.journal == str(tmp_path / ".tocsin" / "journal.sqlite")
    assert options.reports_dir == str(tmp_path / ".tocsin" / "reports")
    assert (options.qdrant.path, options.qdrant.url, options.faiss_path, options.neo4j.uri) == ("", "", "", "")
    assert options.neo4j.password.get_secret_value() == ""
    assert list(tmp_path.iterdir()) == []


def test_the_eight_parameters_have_their_places(tmp_path: Path) -> None:
    """In their order."""
    options = options_of(
        str(tmp_path),
        "bolt://127.0.0.1:7687",
        "neo4j",
        "secret",
        tmp_path / "qdrant",
        tmp_path / "faiss.index",
        tmp_path / "norms.sqlite",
        tmp_path / "reports",
    )
    assert options.neo4j == Neo4jOptions(uri="bolt://127.0.0.1:7687", user="neo4j", password=SecretStr("secret"))
    assert options.qdrant.path == str(tmp_path / "qdrant")
    assert options.faiss_path == str(tmp_path / "faiss.index")
    assert options.library == str(tmp_path / "norms.sqlite")
    assert options.graph == str(tmp_path / "graph.sqlite")
    assert options.reports_dir == str(tmp_path / "reports")
    assert "secret" not in repr(options)


def test_folders_get_a_file_inside(tmp_path: Path) -> None:
    """A path without an ending is a folder, and so is one that is there."""
    (tmp_path / "norms.d").mkdir()
    options = options_of(tmp_path, faiss_path=tmp_path / "faiss", norms_db=tmp_path / "norms.d")
    assert options.faiss_path == str(tmp_path / "faiss" / "index.faiss")
    assert options.library == str(tmp_path / "norms.d" / "library.sqlite")


@pytest.mark.parametrize("address", ["http://127.0.0.1:6333", "https://qdrant.example"])
def test_an_address_is_a_qdrant_server(tmp_path: Path, address: str) -> None:
    """Otherwise it is a folder."""
    qdrant = options_of(tmp_path, qdrant_path=address).qdrant
    assert (qdrant.url, qdrant.path) == (address, "")


def test_an_empty_text_is_absent(tmp_path: Path) -> None:
    """As from a configuration file; it isn't the working folder."""
    assert options_of(tmp_path, "", "", "", "", "", "", "") == options_of(tmp_path)


def test_settings_differ_when_results_would(tmp_path: Path) -> None:
    """By model, limits and text recognition; not by where stores are, nor by a key."""
    options = options_of(tmp_path)
    assert settings_of(options) == settings_of(options_of(tmp_path / "x", reports_dir=tmp_path))
    others = [
        options.model_copy(update={"ocr": True}),
        options.model_copy(update={"limits": Limits(chunk_tokens=100)}),
        options.model_copy(update={"embedding": EmbeddingOptions(model="other")}),
    ]
    assert len({settings_of(option) for option in (options, *others)}) == 4
    keyed = options.model_copy(update={"embedding": EmbeddingOptions(api_key=SecretStr("k"))})
    assert settings_of(keyed) == settings_of(options)


def test_a_password_in_an_address_is_refused_without_being_shown() -> None:
    """Addresses are for logs; the two have parameters of their own."""
    with pytest.raises(ValueError, match="give them as neo4j_user and neo4j_pass") as caught:
        options_of("/docs", "bolt://neo4j:hunter-two@db:7687")
    assert "hunter" not in str(caught.value)
