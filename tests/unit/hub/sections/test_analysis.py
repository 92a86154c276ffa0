"""The options of code analysis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.sections.analysis import AnalysisOptions
from hub.settings import SettingsError
from integrations.code_analysis.linters.catalog import LINTERS
from tests.live import settings_for


def problems(**options: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_for(**options)
    return str(caught.value)


def test_it_is_off_and_names_all_linters() -> None:
    """A hub without a word about it analyses nothing."""
    options = AnalysisOptions()
    assert not options.enabled
    assert options.linters == LINTERS
    assert options.llm.base_url == ""


def test_there_must_be_something_to_analyse() -> None:
    """Folders, or repositories that a forge tells of."""
    assert "analysis.enabled: needs analysis.roots or analysis.repositories" in problems(analysis__enabled=True)
    assert settings_for(analysis__enabled=True, analysis__roots=["/srv/git"]).analysis.enabled
    assert settings_for(analysis__enabled=True, analysis__repositories={"g/n": "/srv/git/n.git"}).analysis.enabled


@pytest.mark.parametrize("path", ["srv/git", "./git", "~/git", "/srv/../etc"])
def test_folders_are_absolute(path: str) -> None:
    """What they would be relative to depends on how the hub was started."""
    assert "analysis.roots.0: expected an absolute path without .." in problems(analysis__roots=[path])


def test_an_unknown_linter_is_named() -> None:
    """With those there are."""
    assert "'ruff'" in problems(analysis__linters=["eslint"])


def test_an_endpoint_needs_a_model() -> None:
    """And the other way round; no password stands in an address."""
    assert "analysis.llm.base_url: needs analysis.llm.model" in problems(analysis__llm__base_url="http://m/v1")
    assert "analysis.llm.base_url: needs analysis.llm.model" in problems(analysis__llm__model="m")
    bad = problems(analysis__llm__base_url="http://user:hunter2@m/v1", analysis__llm__model="m")
    assert "may hold no user, password or query" in bad
    assert "hunter2" not in bad
    assert "expected http://HOST/PATH" in problems(analysis__llm__base_url="m:80", analysis__llm__model="m")


def test_the_key_may_stand_in_a_file(tmp_path: Path) -> None:
    """Never in both places; and it is never shown."""
    file = tmp_path / "key"
    file.write_text("sk-1234\n")
    options = settings_for(analysis__llm__api_key_file=str(file)).analysis.llm
    assert options.api_key.get_secret_value() == "sk-1234"
    assert "sk-1234" not in repr(options)
    both = problems(analysis__llm__api_key_file=str(file), analysis__llm__api_key="sk-5678")
    assert both == "analysis.llm: give api_key or api_key_file, not both"
    file.write_text("")
    assert "analysis.llm.api_key_file: is empty" in problems(analysis__llm__api_key_file=str(file))


def test_a_key_out_of_digits_is_a_key() -> None:
    """YAML takes it for a number."""
    assert settings_for(analysis__llm__api_key=12345678).analysis.llm.api_key.get_secret_value() == "12345678"


def test_a_wrong_key_is_not_quoted() -> None:
    """Whatever it is."""
    assert "hunter2" not in problems(analysis__llm__api_key=["hunter2"])
