"""What is this store's own; what every store promises is in tests/contract/test_rag_vector_store.py."""

from __future__ import annotations

from pathlib import Path

from integrations.rag_trainer.options import QdrantOptions
from integrations.rag_trainer.vectors.qdrant import open_qdrant
from tests.rag_index import chunks_of, document


def test_points_stay_in_the_folder_with_their_payload(tmp_path: Path) -> None:
    """Under the chunks' ids, for whoever opens the collection."""
    options = QdrantOptions(path=str(tmp_path / "q"), collection="docs")
    made = chunks_of("h", ["x"], [[1, 0]])
    store = open_qdrant(options)
    store.replace(document("a", 1, "h"), made)
    store.close()
    again = open_qdrant(options)
    (point,), _ = again._client.scroll("docs")
    assert point.id == made.chunks[0].id
    assert point.payload == {
        "document": "a", "type": "norms", "subtype": "sp", "designation": "СП 1.1", "language": "ru", "model": "m",
    }  # fmt: skip
    again.close()
