"""The options of the RAG trainer."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.sections.rag_trainer import DocumentLimits, RagTrainerOptions
from hub.settings import SettingsError
from integrations.rag_trainer.limits import Limits
from tests.live import settings_for


def problems(**options: object) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_for(**options)
    return str(caught.value)


def test_it_is_off_and_has_no_password() -> None:
    """No store but the embedded one, and no default secret."""
    options = RagTrainerOptions()
    assert not options.enabled
    assert not options.neo4j.password.get_secret_value()
    assert options.complaints() == []


def test_the_bounds_are_those_of_the_trainer() -> None:
    """By name and default."""
    shared = DocumentLimits().model_dump()
    assert shared.items() <= Limits().model_dump().items()


def test_what_belongs_together_is_checked() -> None:
    """Before anything starts."""
    assert "openai needs" in problems(rag_trainer__embedding__provider="openai")
    assert "needs neo4j.user" in problems(rag_trainer__neo4j__uri="bolt://n")
    assert "isn't configured" in problems(rag_trainer__search="qdrant")
    assert "less than chunk_tokens" in problems(rag_trainer__limits__overlap_tokens=500)
    assert "may hold no user" in problems(rag_trainer__neo4j__uri="bolt://user:hunter2@n")
    assert "without .." in problems(rag_trainer__roots=["srv"])


def test_secrets_may_stand_in_files(tmp_path: Path) -> None:
    """They are never shown."""
    file = tmp_path / "key"
    file.write_text("hunter2\n")
    options = settings_for(rag_trainer__qdrant__api_key_file=str(file)).rag_trainer
    assert options.qdrant.api_key.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(options)
