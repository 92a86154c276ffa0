"""What a trainer stands on, as data."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from integrations.rag_trainer.options import Neo4jOptions, TrainerOptions

PLACES: dict[str, Any] = {"base_dir": "/d", "library": "/l", "graph": "/g", "journal": "/j"}


def test_secrets_are_not_shown() -> None:
    """Neither by their repr nor as JSON; there is no default password."""
    options = TrainerOptions(**PLACES, neo4j=Neo4jOptions(uri="neo4j://h", user="u", password=SecretStr("hidden")))
    assert "hidden" not in repr(options) + options.model_dump_json()
    assert TrainerOptions(**PLACES).neo4j.password.get_secret_value() == ""
