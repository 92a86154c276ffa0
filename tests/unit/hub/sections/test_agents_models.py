"""Options of language models: what is wrong is said by its path, before the hub starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.settings import SettingsError
from tests.live import settings_for

GOOD: dict[str, Any] = {"base_url": "http://127.0.0.1:8081/v1", "models": ["smollm2"]}


@pytest.mark.parametrize(
    ("providers", "problem"),
    [
        ({"offline": GOOD}, "agents.providers.offline: expected another name than offline, which is built in"),
        ({"Open AI": GOOD}, "agents.providers.Open AI"),
        ({"p": {"models": ["m"]}}, "agents.providers.p.base_url: is missing"),
        ({"p": {"base_url": "http://h/v1"}}, "agents.providers.p.models: is missing"),
        ({"p": GOOD | {"base_url": "http://u:hidden@h/v1"}}, "agents.providers.p.base_url: may hold no user"),
        ({"p": GOOD | {"first_token_timeout": 0}}, "agents.providers.p.first_token_timeout"),
    ],
)
def test_a_provider_that_cannot_be_asked(providers: dict[str, Any], problem: str) -> None:
    """Each problem has its path."""
    with pytest.raises(SettingsError) as raised:
        settings_for(agents__providers=providers)
    assert any(problem in line for line in raised.value.problems)


def test_a_model_that_no_provider_has() -> None:
    """Whoever is named by default or as a fallback is among the models, and those are listed."""
    with pytest.raises(SettingsError) as raised:
        settings_for(
            agents__providers={"p": GOOD}, agents__default_model="p/other", agents__fallback_models=["q/smollm2"]
        )
    expected = "expected one of p/smollm2, offline/retrieval, got"
    assert raised.value.problems == [
        f"agents.default_model: {expected} p/other",
        f"agents.fallback_models: {expected} q/smollm2",
    ]


def test_a_key_in_a_file(tmp_path: Path) -> None:
    """It is read, and shown nowhere."""
    file = tmp_path / "key"
    file.write_text("sk-hidden\n")
    settings = settings_for(agents__providers={"p": GOOD | {"api_key_file": str(file)}})
    assert settings.agents.providers["p"].api_key.get_secret_value() == "sk-hidden"
    assert "sk-hidden" not in repr(settings)
