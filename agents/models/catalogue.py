"""The models that there are, of several providers at once, by name."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from difflib import get_close_matches
from random import Random
from typing import Final

from agents.models.fallback import Fallback
from agents.models.offline import OFFLINE_MODEL, OfflineResponder
from agents.models.options import OFFLINE_PROVIDER, ProviderOptions
from agents.models.port import ModelEvent, ModelFailed, Prompt
from agents.models.provider import Provider

_SUGGESTED: Final = 3


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that can be asked.

    Attributes:
        name: `PROVIDER/MODEL`.
        offline: it is the responder that is built in, and no language model.
    """

    name: str
    provider: str
    offline: bool


@dataclass(frozen=True, slots=True)
class CatalogueOptions:
    """Which models there are, and what is asked when nothing else is said.

    Attributes:
        providers: each name once.
        default_model: `PROVIDER/MODEL` for who names none; empty: the first model of the first provider, or else
            `offline/retrieval`.
        fallback_models: asked in this order when a model fails before it has said anything; empty: none is.

    Raises:
        ValueError: a provider is there twice, or a named model isn't among the providers'.
    """

    providers: tuple[ProviderOptions, ...] = ()
    default_model: str = ""
    fallback_models: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [provider.name for provider in self.providers]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"expected each provider once, got {', '.join(twice)} again; give one another name")
        known = {model.name for model in self.models}
        for option, name in [("default_model", self.default_model)] * bool(self.default_model) + [
            ("fallback_models", name) for name in self.fallback_models
        ]:
            if name not in known:
                raise ValueError(f"expected {option} to be of {', '.join(sorted(known))}, got {name!r}")

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The models, in the providers' order; the one that is built in comes last."""
        named = tuple(
            ModelInfo(f"{provider.name}/{model}", provider.name, offline=False)
            for provider in self.providers
            for model in provider.models
        )
        return (*named, ModelInfo(OFFLINE_MODEL, OFFLINE_PROVIDER, offline=True))


class Catalogue:
    """Answers prompts by the model that they name, and by others when that one fails.

    Options can be exchanged while answers are under way: those go on as they began.

    Args:
        random: spreads the pauses before retries; injected by tests.
    """

    def __init__(self, options: CatalogueOptions, random: Random | None = None) -> None:
        self._random = random
        self._options = options
        self._offline = OfflineResponder()
        self._providers = {provider.name: Provider(provider, random) for provider in options.providers}

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The models that can be asked."""
        return self._options.models

    @property
    def default_model(self) -> str:
        """The model of who names none."""
        return self._options.default_model or self.models[0].name

    def find(self, name: str) -> ModelInfo:
        """Find a model; the empty name is the default's.

        Raises:
            ModelFailed: `unknown_model`, with names that are like it.
        """
        wanted = name or self.default_model
        for model in self.models:
            if model.name == wanted:
                return model
        like = ", ".join(self.suggestions(wanted))
        raise ModelFailed(
            "unknown_model", f"expected a model that the hub has, got {name[:100]!r}; there is {like}", temporary=False
        )

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Up to three names of models that are like `name`; the first ones where none is."""
        names = [model.name for model in self.models]
        whole = {key.casefold(): of for of in reversed(names) for key in (of, of.partition("/")[2])}
        close = get_close_matches(name[:100].casefold(), whole, n=2 * _SUGGESTED, cutoff=0.5)
        return tuple(dict.fromkeys(whole[one] for one in close))[:_SUGGESTED] or tuple(names[:_SUGGESTED])

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        """Stream the answer of the model that the prompt names, or of the first fallback that gives one: the prompt's
        come before those of the options.

        Raises:
            ModelFailed: `unknown_model`, without asking another; or what became of all that were asked.
        """
        named = replace(prompt, model=self.find(prompt.model).name)
        model = Fallback(self._ask, (*named.fallbacks, *self._options.fallback_models))
        async with aclosing(model.answer(named)) as events:
            async for event in events:
                yield event

    async def adopt(self, options: CatalogueOptions) -> None:
        """Exchange the options. Providers whose options stay keep their connections; the others let go of them when
        their last answer is over."""
        old = self._providers
        self._providers = {
            new.name: old[new.name] if new.name in old and old[new.name].options == new else Provider(new, self._random)
            for new in options.providers
        }
        self._options = options
        for name, provider in old.items():
            if self._providers.get(name) is not provider:
                await provider.retire()

    async def close(self) -> None:
        """Close all connections; answers under way break."""
        for provider in self._providers.values():
            await provider.close()

    def _ask(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        model = self.find(prompt.model)
        return (self._offline if model.offline else self._providers[model.provider]).answer(prompt)
