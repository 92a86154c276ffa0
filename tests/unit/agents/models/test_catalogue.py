"""Models of several providers by name: found, asked, replaced by others, and exchanged while they answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest
from pydantic import SecretStr

from agents.models.catalogue import Catalogue, CatalogueOptions, ModelInfo
from agents.models.offline import OFFLINE_MODEL
from agents.models.options import ProviderOptions
from agents.models.port import Finished, ModelEvent, ModelFailed, Prompt, PromptMessage, Retried, TextDelta
from tests.llm_double import MODEL, LlmDouble, cuts, llm_double, refuses, says

NOWHERE = "http://127.0.0.1:1/v1"
CLOUD = ProviderOptions("cloud", NOWHERE, ("gpt-large", "meta/llama-small"))
LOCAL = ProviderOptions("local", NOWHERE, ("qwen",))


def prompt(model: str = "") -> Prompt:
    """Greet a model."""
    return Prompt(model, (PromptMessage("user", "hi"),))


def at(double: LlmDouble, name: str) -> ProviderOptions:
    """Reach a double under a name."""
    return ProviderOptions(name, double.url, (MODEL,), backoff=0.001)


@asynccontextmanager
async def catalogue_of(*providers: ProviderOptions, fallback: tuple[str, ...] = ()) -> AsyncIterator[Catalogue]:
    """Have a catalogue, and close it."""
    catalogue = Catalogue(CatalogueOptions(providers, fallback_models=fallback))
    yield catalogue
    await catalogue.close()


async def read(catalogue: Catalogue, model: str = "") -> list[ModelEvent]:
    """Ask, and read all."""
    return [event async for event in catalogue.answer(prompt(model))]


async def test_models_are_listed_by_provider_and_the_one_built_in_comes_last() -> None:
    """Its name says that it is offline. The default is the first, or what the options say."""
    async with catalogue_of(CLOUD, LOCAL) as catalogue:
        assert [model.name for model in catalogue.models] == [
            "cloud/gpt-large",
            "cloud/meta/llama-small",
            "local/qwen",
            "offline/retrieval",
        ]
        assert catalogue.models[-1] == ModelInfo("offline/retrieval", "offline", offline=True)
        assert catalogue.find("cloud/meta/llama-small") == ModelInfo("cloud/meta/llama-small", "cloud", offline=False)
        assert catalogue.find("").name == catalogue.default_model == "cloud/gpt-large"
        await catalogue.adopt(CatalogueOptions((CLOUD, LOCAL), "local/qwen"))
        assert catalogue.default_model == "local/qwen"


async def test_without_providers_there_is_the_offline_responder() -> None:
    """So a hub without a key can chat."""
    async with catalogue_of() as catalogue:
        *text, end = await read(catalogue)
        assert end == Finished("stop", None, OFFLINE_MODEL)
        assert "offline responder" in "".join(event.text for event in text if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("cloud/gpt-larg", "cloud/gpt-large"),
        ("GPT-Large", "cloud/gpt-large"),
        ("llama-small", "cloud/meta/llama-small"),
        ("zzz", "cloud/gpt-large, cloud/meta/llama-small, local/qwen"),
    ],
)
async def test_an_unknown_model_is_told_with_names_that_are_like_it(name: str, like: str) -> None:
    """And no other is asked in its place: that would hide a mistake."""
    async with catalogue_of(CLOUD, LOCAL, fallback=(OFFLINE_MODEL,)) as catalogue:
        with pytest.raises(ModelFailed) as caught:
            await read(catalogue, name)
    assert (caught.value.code, caught.value.temporary) == ("unknown_model", False)
    assert caught.value.message.partition("; there is ")[2].startswith(like)


@pytest.mark.parametrize(
    ("providers", "default", "fallback", "words"),
    [
        ((CLOUD, CLOUD), "", (), "expected each provider once, got cloud again"),
        ((CLOUD,), "cloud/other", (), "expected default_model to be of cloud/gpt-large, .*, got 'cloud/other'"),
        ((), "", ("local/qwen",), "expected fallback_models to be of offline/retrieval, got 'local/qwen'"),
    ],
)
def test_options_that_name_what_is_not_there_are_refused(
    providers: tuple[ProviderOptions, ...], default: str, fallback: tuple[str, ...], words: str
) -> None:
    """Before anything is exchanged."""
    with pytest.raises(ValueError, match=words):
        CatalogueOptions(providers, default, fallback)


async def test_each_model_is_asked_at_its_provider() -> None:
    """With that provider's key, under the model's own name."""
    async with llm_double(says("one")) as one, llm_double(says("two")) as two:
        keyed = ProviderOptions("b", two.url, (MODEL,), SecretStr("sk-two"))
        async with catalogue_of(at(one, "a"), keyed) as catalogue:
            assert (await read(catalogue, f"b/{MODEL}"))[0] == TextDelta("two")
            assert (await read(catalogue, f"a/{MODEL}"))[0] == TextDelta("one")
    assert [asked.body["model"] for asked in one.requests + two.requests] == [MODEL, MODEL]
    assert "authorization" not in one.requests[0].headers
    assert two.requests[0].headers["authorization"] == "Bearer sk-two"


async def test_another_model_answers_when_one_fails_before_its_first_word() -> None:
    """It is told, and the end says who answered; after a word there is no other."""
    async with llm_double(refuses(401), cuts("He")) as one, llm_double(says("two")) as two:
        fallback = (f"b/{MODEL}", OFFLINE_MODEL)
        async with catalogue_of(at(one, "a"), at(two, "b"), fallback=fallback) as catalogue:
            told, text, end = await read(catalogue, f"a/{MODEL}")
            assert isinstance(told, Retried)
            assert (told.model, "set api_key of provider 'a'" in told.reason) == (f"b/{MODEL}", True)
            assert text == TextDelta("two")
            assert isinstance(end, Finished)
            assert end.model == f"b/{MODEL}"
            with pytest.raises(ModelFailed) as caught:
                await read(catalogue, f"a/{MODEL}")
            assert caught.value.code == "cut"


async def test_a_prompts_own_fallbacks_come_before_those_of_the_options() -> None:
    """Each model is asked once, also where both name it; one that isn't there is passed over."""
    async with llm_double(refuses(401)) as one, llm_double(refuses(403)) as two, llm_double(says("three")) as three:
        providers = at(one, "a"), at(two, "b"), at(three, "c")
        async with catalogue_of(*providers, fallback=(f"b/{MODEL}", f"c/{MODEL}")) as catalogue:
            own = ("gone/model", f"b/{MODEL}", f"a/{MODEL}")
            asked = replace(prompt(f"a/{MODEL}"), fallbacks=own)
            events = [event async for event in catalogue.answer(asked)]
    told = [event.model for event in events if isinstance(event, Retried)]
    assert told == ["gone/model", f"b/{MODEL}", f"c/{MODEL}"]
    assert events[-2] == TextDelta("three")
    assert [len(double.requests) for double in (one, two, three)] == [1, 1, 1]


async def test_providers_are_exchanged_while_they_answer() -> None:
    """The answer under way goes on at the old one; the next is given by the new one, without a new start."""
    go_on = asyncio.Event()
    async with (
        llm_double(says("old", go_on, "!")) as old,
        llm_double(says("new")) as new,
        catalogue_of(at(old, "p")) as catalogue,
    ):
        async with aclosing(catalogue.answer(prompt())) as events:
            assert await anext(events) == TextDelta("old")
            await catalogue.adopt(CatalogueOptions((at(new, "p"),)))
            assert (await read(catalogue))[0] == TextDelta("new")
            go_on.set()
            assert await anext(events) == TextDelta("!")
            assert isinstance(await anext(events), Finished)
        await catalogue.adopt(CatalogueOptions())
        assert [model.name for model in catalogue.models] == [OFFLINE_MODEL]


async def test_a_provider_whose_options_stay_is_not_exchanged() -> None:
    """It keeps its connections: only what changed is made anew."""
    async with llm_double() as double, catalogue_of(at(double, "p")) as catalogue:
        before = catalogue._providers["p"]
        await catalogue.adopt(CatalogueOptions((LOCAL, at(double, "p"))))
        assert catalogue._providers["p"] is before
        assert len(await read(catalogue, f"p/{MODEL}")) == 3


async def test_a_fallback_that_has_gone_meanwhile_is_left_out() -> None:
    """The failure names it; nothing breaks."""
    async with llm_double(refuses(401)) as double:
        both = (at(double, "a"), at(double, "b"))
        catalogue = Catalogue(CatalogueOptions(both, fallback_models=(f"b/{MODEL}",)))
        events = catalogue.answer(prompt(f"a/{MODEL}"))
        assert isinstance(await anext(events), Retried)
        await catalogue.adopt(CatalogueOptions(both[:1]))
        with pytest.raises(ModelFailed, match=r"answered 401; .*; then: expected a model that the hub has") as caught:
            await anext(events)
        assert caught.value.code == "refused"
        await catalogue.close()
