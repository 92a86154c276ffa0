"""An agent's name and configuration."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agents.catalog.agent import NAME_MAX, AgentConfig, normal_name
from channels.errors import ErrorCode, ReplyError


@pytest.mark.parametrize("name", ["coder", "C", "7th", "data-team_2", "Программист", "分析", "x" * NAME_MAX])
def test_names(name: str) -> None:
    """Of any script, up to the limit."""
    assert normal_name(name) == name


def test_one_form_of_a_name() -> None:
    """An accent that came as a character of its own is put together with its letter."""
    assert normal_name("Rene\u0301") == "Ren\u00e9"


@pytest.mark.parametrize(
    "name", ["", "-a", "_a", "a b", "a@b", "a\n", "a.b", "x" * (NAME_MAX + 1), "a\0", "<b>", "\u0301a"]
)
def test_what_is_no_name(name: str) -> None:
    """What couldn't stand behind an @, or would be markup on a page."""
    with pytest.raises(ReplyError) as refused:
        normal_name(name)
    assert refused.value.code is ErrorCode.INVALID_DATA


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": 2.1},
        {"temperature": "1"},
        {"memory": 1},
        {"recall": 51},
        {"instructions": "x" * 32_001},
        {"fallback_models": ["m"] * 6},
        {"fallback_models": [""]},
        {"temprature": 1},
    ],
)
def test_a_wrong_configuration_is_refused(fields: dict[str, object]) -> None:
    """Out of bounds, of another type, or misspelt."""
    with pytest.raises(ValidationError):
        AgentConfig.model_validate(fields)


def test_what_another_version_kept() -> None:
    """Doesn't make an agent unreadable."""
    config = AgentConfig.kept({"recall": 7, "of_a_later_version": True, "fallback_models": ["a/b"]})
    assert (config.recall, config.fallback_models, config.temperature) == (7, ("a/b",), None)
