from __future__ import annotations

from integrations.rag_trainer.embedding.multilingual import clauses


def test_a_text_is_parted_into_clauses() -> None:
    """At punctuation and line ends, but not inside numbers; a text of one clause isn't parted."""
    assert clauses("Бетон B25, W6.\nУход; п. 5.2 — 7 суток") == ["Бетон B25,", "W6.", "Уход;", "п.", "5.2 — 7 суток"]
    assert clauses("one clause only.") == clauses("") == clauses("—, —") == []
    assert len(clauses("a. " * 1_000)) == 64
