"""Who needs a database, and which server is run for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.database.embedded import EmbeddedPostgres
from hub.database.need import embedded_for, wants_database, who_needs_a_database
from hub.settings import SettingsError
from tests.live import settings_for


def test_a_hub_with_nothing_configured_needs_none() -> None:
    """And starts none."""
    settings = settings_for()
    assert who_needs_a_database(settings) == []
    assert not wants_database(settings)
    assert embedded_for(settings, 1) is None


def test_one_of_the_operator_s_own() -> None:
    """Is connected to, and none is run."""
    settings = settings_for(database__url="postgresql://db.example.com/hub")
    assert wants_database(settings)
    assert embedded_for(settings, 1) is None


def test_one_that_is_wanted_anyway(tmp_path: Path) -> None:
    """In the folder that is named, with a connection for each that the processes' pools may open."""
    settings = settings_for(
        database__embedded="always", database__embedded_dir=str(tmp_path / "here"), database__max_size=30
    )
    assert isinstance(embedded_for(settings, 1), EmbeddedPostgres)
    server = embedded_for(settings, 4)
    assert server is not None
    assert server._program.folder.path == tmp_path / "here"
    assert "max_connections=144" in server._program._command()  # type: ignore[attr-defined]


def test_a_part_that_needs_one() -> None:
    """Has one run for it, unless that is forbidden; then it is told that there is none."""
    settings = settings_for(error_firewall__enabled=True)
    assert who_needs_a_database(settings) == ["error_firewall.enabled"]
    assert isinstance(embedded_for(settings, 1, {"STATE_DIRECTORY": "/state"}), EmbeddedPostgres)
    with pytest.raises(SettingsError, match=r"error_firewall\.enabled: needs a database; set database\.url"):
        settings_for(error_firewall__enabled=True, database__embedded="never")
