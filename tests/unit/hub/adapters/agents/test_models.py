"""From the options of providers to the catalogue of models."""

from __future__ import annotations

from hub.adapters.agents.models import catalogue_options
from hub.sections.agents_models import ProviderSection
from tests.live import settings_for


def test_providers_are_the_catalogue_s() -> None:
    """Every option of a section arrives, and models keep their order."""
    section = {"base_url": "http://127.0.0.1:8081/v1", "models": ["b", "a/1"], "api_key": "k", "retries": 7}
    options = catalogue_options(
        settings_for(agents__providers={"p": section}, agents__fallback_models=["offline/retrieval"]).agents
    )
    [provider] = options.providers
    assert (provider.name, provider.api_key.get_secret_value(), provider.retries) == ("p", "k", 7)
    assert [model.name for model in options.models] == ["p/b", "p/a/1", "offline/retrieval"]
    assert options.fallback_models == ("offline/retrieval",)


def test_the_defaults_are_the_same() -> None:
    """An option that isn't set means what it means without a configuration."""
    section = ProviderSection(base_url="http://h/v1", models=("m",))
    [provider] = catalogue_options(
        settings_for(agents__providers={"p": {"base_url": "http://h/v1", "models": ["m"]}}).agents
    ).providers
    plain = type(provider)("p", "http://h/v1", ("m",))
    assert provider == plain
    assert section.retries == plain.retries
