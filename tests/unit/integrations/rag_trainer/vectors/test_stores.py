from __future__ import annotations

from pathlib import Path

import pytest

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.vectors.embedded import EmbeddedVectors
from integrations.rag_trainer.vectors.stores import Stores


class _Failing(EmbeddedVectors):
    def close(self) -> None:
        super().close()
        raise OSError("no")


class _Counting(EmbeddedVectors):
    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_each_store_is_closed_once_whatever_another_raises(tmp_path: Path) -> None:
    """And the error comes out."""
    library = SqliteLibrary(tmp_path / "l")
    counting = _Counting(library)
    with pytest.raises(OSError, match="no"):
        Stores((_Failing(library), counting), counting).close()
    assert counting.closed == 1
    library.close()
