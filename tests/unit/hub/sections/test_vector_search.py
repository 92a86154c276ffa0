"""The section `vector_search`: what may be written there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.sections.vector_search import VectorSearchOptions
from hub.settings import SettingsError
from tests.live import settings_for


def test_defaults() -> None:
    """Little of a query goes out, and one search in fifty is measured."""
    options = VectorSearchOptions()
    assert (options.query_text, options.query_length, options.recall_share) == ("truncate", 50, 0.02)
    assert options.progress


@pytest.mark.parametrize(
    "wrong",
    [
        {"recall_share": 1.5},
        {"recall_share": -0.1},
        {"recall_window": 20},
        {"recall_window": 50, "recall_min_samples": 51},
        {"query_text": "encrypt"},
        {"query_length": 0},
        {"latency_window": 0},
        {"collections": -1},
        {"count_interval": -1},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    """When the configuration is read; also a window that is too small for the samples wanted."""
    with pytest.raises(ValidationError):
        VectorSearchOptions.model_validate(wrong)


def test_a_key_is_not_shown(tmp_path: Path) -> None:
    """It may come from a file, not from both."""
    file = tmp_path / "key"
    file.write_text("swordfish\n")
    options = settings_for(vector_search__query_key_file=str(file)).vector_search
    assert options.query_key.get_secret_value() == "swordfish"
    assert "swordfish" not in repr(options)
    with pytest.raises(SettingsError, match="not both"):
        settings_for(vector_search__query_key_file=str(file), vector_search__query_key="other")
