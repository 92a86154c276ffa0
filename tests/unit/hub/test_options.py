"""The options' types: what they take, and what a section says itself."""

from __future__ import annotations

import pytest

from channels.model import NAMESPACES
from channels.policy import Access, ChannelOptions
from hub.configuration.catalog import paths, sections
from hub.options import ChannelSection, PrivateSection, RoomSection, Settings


def test_every_option_and_section_is_described() -> None:
    """The description is the comment in `config.yaml` and the line in the reference."""
    for path, section in sections():
        assert section.__doc__ != Settings.__mro__[1].__doc__, path
        undescribed = [name for name, field in section.model_fields.items() if not field.description]
        assert undescribed == [], path


def test_every_bound_on_time_and_size_names_its_unit() -> None:
    """A number without a unit is a guess."""
    units = ["second", "bytes", "channels", "connections", "commands", "publications", "port"]
    units += ["keys", "memberships", "notifications", "revoked"]
    units += ["records", "verdicts", "likeness", "confidence", "in %"]
    units += ["characters", "searches", "samples", "collections"]
    units += ["analyses", "files", "findings", "results", "tokens", "attempts"]
    units += ["jobs", "uploads", "questions", "chunks", "pages", "threads", "vectors", "times", "gives way"]
    units += ["sessions", "subscriptions"]
    units += ["agents", "answers", "asked again", "events", "memories", "messages", "passes", "passwords"]
    units += ["requests", "runs", "tasks", "sign-ins", "logins", "KiB", "how often", "part of"]
    for path in paths():
        section = dict(sections())[path[:-1]]
        field = section.model_fields.get(path[-1]) or section.model_fields["schema_"]
        if field.annotation in (int, float):
            assert any(unit in str(field.description) for unit in units), path


def test_the_defaults_of_a_channel_are_those_of_the_domain() -> None:
    """They are written down in two places, for those who embed `channels` alone."""
    values = ChannelSection().model_dump(exclude={"schema_", "members"})
    assert ChannelOptions(**values, schema=None, members=frozenset()) == ChannelOptions()


def test_what_a_section_states() -> None:
    """What was configured, also when it is the default; and what only this kind of section has as default."""
    assert ChannelSection().stated() == {}
    assert ChannelSection(history_size=100).stated() == {"history_size": 100}
    assert PrivateSection(history_size=5).stated() == {"history_size": 5, "subscribe": Access.MEMBERS}
    assert RoomSection(publish=Access.TOKEN).stated() == {"subscribe": Access.MEMBERS, "publish": Access.TOKEN}


@pytest.mark.parametrize("space", NAMESPACES)
def test_a_namespace_stays_closed_whatever_else_is_configured_on_it(space: str) -> None:
    """Changing its history must not open everybody's own channel to everybody."""
    settings = Settings.model_validate({"channels": {space: {"history_size": 5}}})
    assert getattr(settings.channels, space).stated()["subscribe"] is Access.MEMBERS
