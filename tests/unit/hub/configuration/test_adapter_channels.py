"""Channels that come with an adapter, and who is on them without asking."""

from __future__ import annotations

from hub.configuration.adapter_channels import adapter_channels, greeted_with
from hub.options import Settings
from hub.sections.rag_trainer import RagTrainerOptions


def trained(**options: object) -> Settings:
    return Settings(rag_trainer=RagTrainerOptions.model_validate({"enabled": True, **options}))


def test_an_adapter_that_is_off_brings_nothing() -> None:
    """The hub has the channels that it is known for."""
    assert adapter_channels(Settings()) == {}
    assert greeted_with(Settings(), ("news",)) == ("news",)


def test_the_trainer_brings_its_channel() -> None:
    """With the present state first, and its fields where the earlier API had them."""
    (channel,) = adapter_channels(trained(channel="stages")).items()
    assert channel[0] == "stages"
    assert (channel[1].rewind, channel[1].inline) == (1, True)


def test_who_is_greeted_with_it() -> None:
    """Once, behind what is configured; nobody where that is switched off."""
    assert greeted_with(trained(), ("news",)) == ("news", "training")
    assert greeted_with(trained(), ("training", "news")) == ("training", "news")
    assert greeted_with(trained(greet=False), ("news",)) == ("news",)
