"""The language models that the options name."""

from __future__ import annotations

from agents.models.catalogue import CatalogueOptions
from agents.models.options import ProviderOptions
from hub.sections.agents import AgentsOptions

_FILE = "api_key_file"


def catalogue_options(options: AgentsOptions) -> CatalogueOptions:
    """Return what the catalogue of models is made of.

    Raises:
        ValueError: a model that is named isn't among the providers'.
    """
    providers = tuple(
        ProviderOptions(name=name, **{key: value for key, value in section if key != _FILE})
        for name, section in options.providers.items()
    )
    return CatalogueOptions(providers, options.default_model, options.fallback_models)
