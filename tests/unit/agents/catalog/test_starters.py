"""The starter set."""

from __future__ import annotations

from agents.catalog.agent import AgentConfig, normal_name
from agents.catalog.starters import STARTERS


def test_each_can_be_made() -> None:
    """Its name is one, and its configuration is within the bounds; it asks for no model that a hub may not have."""
    for starter in STARTERS:
        assert normal_name(starter.name) == starter.name
        config = AgentConfig.model_validate(starter.config)
        assert not config.model
        assert len(config.instructions) > 500
        assert config.description.endswith(".")


def test_they_differ() -> None:
    """Five names, five sets of instructions."""
    assert len({starter.name for starter in STARTERS}) == 5
    assert len({starter.config["instructions"] for starter in STARTERS}) == 5


def test_paragraphs_flow() -> None:
    """Who edits the instructions meets a line's end only where a paragraph or an item of a list ends."""
    for starter in STARTERS:
        for line in str(starter.config["instructions"]).split("\n"):
            assert not line or line[-1] in ".:,;", line
