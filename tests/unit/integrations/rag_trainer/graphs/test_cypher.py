"""The statements."""

from __future__ import annotations

import re

from integrations.rag_trainer.graphs import cypher


def test_values_are_parameters_alone() -> None:
    """No statement has a place to put text in, and all labels are our own."""
    statements = {name: value for name, value in vars(cypher).items() if name.isupper()}
    assert len(statements) == 11
    for statement in statements.values():
        assert "%" not in statement
        assert "'" not in statement
        assert set(re.findall(r"\$(\w+)", statement)) <= {"document", "log", "rows"}
        assert all(label.startswith("Tocsin") for label in re.findall(r"\(\w*:(\w+)", statement))
