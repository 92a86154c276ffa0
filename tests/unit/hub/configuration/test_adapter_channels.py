"""Channels that come with an adapter, and who is on them without asking."""

from __future__ import annotations

from channels.model import Channels
from channels.policy import Access, Operation, Principal
from hub.configuration.adapter_channels import adapter_channels, greeted_with, policy_for
from hub.options import ChannelsOptions, Settings
from hub.sections.agents import AgentsOptions
from hub.sections.database import DatabaseOptions
from hub.sections.hub_stats import HubStatsOptions
from hub.sections.rag_trainer import RagTrainerOptions

OFF = HubStatsOptions(interval=0.0)


def trained(**options: object) -> Settings:
    return Settings(rag_trainer=RagTrainerOptions.model_validate({"enabled": True, **options}), hub_stats=OFF)


def channels(**options: object) -> ChannelsOptions:
    return ChannelsOptions.model_validate(options)


def test_an_adapter_that_is_off_brings_nothing() -> None:
    """The hub has the channels that it is known for."""
    assert adapter_channels(Settings(hub_stats=OFF)) == {}
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


def test_the_hubs_own_numbers_are_for_operators() -> None:
    """To follow and to read; nobody can forge them; what `channels.named` says wins, and nothing more general does."""
    olga, alice = Principal("olga", admin=True), Principal("alice", capabilities={"publish": ("*",)})
    for policy in (policy_for(Settings()), policy_for(Settings(channels=channels(defaults={"subscribe": "everyone"})))):
        for operation in (Operation.SUBSCRIBE, Operation.HISTORY, Operation.PRESENCE):
            assert policy.allows(olga, operation, "hub_stats") is True
            assert policy.allows(alice, operation, "hub_stats") is False
        assert not any(policy.allows(who, Operation.PUBLISH, "hub_stats") for who in (olga, alice))
    opened = policy_for(Settings(channels=channels(named={"hub_stats": {"subscribe": "users"}})))
    assert opened.listed(opened.visible_to(alice))[6:] == ["hub_stats", "user:alice"]
    assert opened.options("hub_stats").history is Access.OPERATORS
    assert policy_for(Settings()).options("hub_stats").history_size == 16 * 720


def test_an_hour_is_kept_for_charts() -> None:
    """Of what pages of numbers show, with room for rare events beside those that come regularly."""
    policy = policy_for(Settings(database=DatabaseOptions(stats_interval=10.0)))
    kept = {name: policy.options(name) for name in Channels.all()}
    assert {name for name, options in kept.items() if options.history_age == 300.0} == {"ai_analysis"}
    assert kept["vector_search"].history_size == 4_000
    assert kept["db_pool_stats"].history_size == 1_000 + 16 * 360
    assert kept["system_alerts"].history_size == 1_000 + 16 * 240


def test_what_is_configured_wins_over_that() -> None:
    """For one channel, or for all."""
    policy = policy_for(
        Settings(channels=channels(defaults={"history_age": 60.0}, named={"vector_search": {"history_size": 7}}))
    )
    search, pool = policy.options("vector_search"), policy.options("db_pool_stats")
    assert (search.history_size, search.history_age) == (7, 60.0)
    assert (pool.history_size, pool.history_age) == (1_960, 60.0)


def test_only_the_server_writes_to_chat_sessions() -> None:
    """With agents: not even a token that may publish everywhere; and no event takes another one's place."""
    mighty = Principal("mighty", capabilities={"publish": ("*",)})
    stated = channels(session={"publish": "everyone", "conflate": "type", "history_size": 7})
    assert policy_for(Settings(channels=stated)).allows(mighty, Operation.PUBLISH, "session:x") is True
    policy = policy_for(Settings(channels=stated, agents=AgentsOptions(enabled=True)))
    assert policy.allows(mighty, Operation.PUBLISH, "session:x") is False
    assert (policy.options("session:x").conflate, policy.options("session:x").history_size) == ("", 7)
