"""One answer of an endpoint: pieces, counts, tool calls, and an end in time."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp.web import StreamResponse
from pydantic import SecretStr

from agents.models.openai_endpoint import Endpoint
from agents.models.options import ProviderOptions
from agents.models.port import Finished, ModelEvent, ModelFailed, Prompt, PromptMessage, TextDelta, ToolCall, Usage
from tests.llm_double import (
    MODEL,
    Exchange,
    LlmDouble,
    Step,
    calls,
    cuts,
    hangs,
    lacks,
    llm_double,
    refuses,
    says,
    sends,
)

KEY = "sk-tests-0123456789"
NAME = f"double/{MODEL}"
COUNTED = Usage(f"{MODEL}-2026", 11, 7, 5, 3)


def prompt(**more: Any) -> Prompt:
    """Ask for a greeting."""
    return Prompt(NAME, (PromptMessage("system", "Be short."), PromptMessage("user", "Greet me.")), **more)


@asynccontextmanager
async def endpoint_of(double: LlmDouble, **options: Any) -> AsyncIterator[Endpoint]:
    """Make an endpoint that asks a double."""
    endpoint = Endpoint(ProviderOptions("double", double.url, (MODEL,), **options))
    yield endpoint
    await endpoint.close()


async def answer(step: Step, options: dict[str, Any] | None = None, **more: Any) -> list[ModelEvent]:
    """Ask once and read all."""
    async with llm_double(step) as double, endpoint_of(double, **(options or {})) as endpoint:
        return [event async for event in endpoint.answer(prompt(**more))]


async def test_each_piece_is_passed_on_as_it_comes() -> None:
    """The second piece isn't sent before the first was read."""
    go_on = asyncio.Event()
    async with (
        llm_double(says("Hello", go_on, " there")) as double,
        endpoint_of(double) as endpoint,
        asyncio.timeout(10),
    ):
        events = endpoint.answer(prompt())
        assert await anext(events) == TextDelta("Hello")
        go_on.set()
        assert [event async for event in events] == [TextDelta(" there"), Finished("stop", COUNTED, NAME)]


async def test_what_is_asked_goes_out_as_it_was_said() -> None:
    """The model by its own name, and only those settings that the prompt has."""
    tool = {"name": "add", "description": "adds", "parameters": {"type": "object"}}
    async with llm_double() as double, endpoint_of(double) as endpoint:
        for asked in (prompt(), prompt(temperature=0.0, max_tokens=9, tools=(tool,))):
            assert [event async for event in endpoint.answer(asked)]
    messages = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Greet me."}]
    plain = {"model": MODEL, "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
    assert double.requests[0].body == plain
    more = {"temperature": 0.0, "max_tokens": 9, "tools": [{"type": "function", "function": tool}]}
    assert double.requests[1].body == plain | more


async def test_who_asks_stands_in_the_options_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a key there is no header for one; nothing of the environment goes out, and no proxy of it is used. Nor do
    the libraries log keys and prompts, whatever the level."""
    caplog.set_level(logging.DEBUG)
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: from-the-environment\nX-More: from-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/from-the-environment")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with (
        llm_double() as double,
        endpoint_of(double) as without,
        endpoint_of(double, api_key=SecretStr(KEY)) as with_key,
    ):
        for endpoint in (without, with_key):
            assert [event async for event in endpoint.answer(prompt())]
            assert KEY not in repr(vars(endpoint)) + repr(vars(vars(endpoint)["_client"]))
    assert caplog.text
    assert not [word for word in (KEY, "Greet me", "Hello") if word in caplog.text]
    first, second = (asked.headers for asked in double.requests)
    assert "authorization" not in first
    assert second["authorization"] == f"Bearer {KEY}"
    assert not [one for headers in (first, second) for one in headers.values() if "from-the-environment" in one]
    assert not [name for name in first if name.startswith("x-")]


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "11", "completion_tokens": None}])
async def test_what_was_not_counted_is_unknown(usage: dict[str, Any] | None) -> None:
    """No count is guessed from the text."""
    assert (await answer(says("Hello", usage=usage)))[-1] == Finished("stop", None, NAME)


async def test_an_endpoint_that_refuses_to_count_is_asked_without() -> None:
    """Once refused, the option isn't sent again; the refusal is nobody's failure."""
    async with llm_double(lacks("stream_options", says("Hello"))) as double, endpoint_of(double) as endpoint:
        for _ in range(2):
            events = [event async for event in endpoint.answer(prompt())]
            assert events == [TextDelta("Hello"), Finished("stop", None, NAME)]
    assert ["stream_options" in asked.body for asked in double.requests] == [True, False, False]


async def test_the_limit_of_tokens_is_sent_under_the_name_that_a_model_takes() -> None:
    """Newer models of OpenAI refuse the old name and say the new one."""
    refusal = "Unsupported parameter: '{}'. Use 'max_completion_tokens' instead."
    async with llm_double(lacks("max_tokens", says("Hello"), refusal)) as double, endpoint_of(double) as endpoint:
        for _ in range(2):
            assert (await anext(endpoint.answer(prompt(max_tokens=5)))) == TextDelta("Hello")
    assert [asked.body.get("max_completion_tokens") for asked in double.requests] == [None, 5, 5]


@pytest.mark.parametrize("reason", ["length", "content_filter", "something_new"])
async def test_the_end_says_why_as_the_endpoint_does(reason: str) -> None:
    """Reasons are passed on, known or not."""
    assert (await answer(says("He", finish=reason)))[-1] == Finished(reason, COUNTED, NAME)


async def test_tool_calls_come_whole_and_as_they_are() -> None:
    """Pieces of two calls are put together; broken JSON is the caller's to judge."""
    first = {"index": 0, "id": "a", "function": {"name": "add", "arguments": ""}}
    second = {"index": 1, "id": "b", "function": {"name": "say", "arguments": '{"text'}}
    more = [{"index": 0, "function": {"arguments": '{"x": 1'}}, {"index": 0, "function": {"arguments": "}"}}]
    assert await answer(calls(first, second, more, text="Well")) == [
        TextDelta("Well"),
        ToolCall("a", "add", '{"x": 1}'),
        ToolCall("b", "say", '{"text'),
        Finished("tool_calls", COUNTED, NAME),
    ]


async def failure(step: Step, options: dict[str, Any] | None = None) -> tuple[str, bool, list[ModelEvent]]:
    """Ask once; return the code of the failure, whether it may pass, and what came before it."""
    seen: list[ModelEvent] = []
    async with llm_double(step) as double, endpoint_of(double, **(options or {})) as endpoint:
        try:
            async for event in endpoint.answer(prompt()):
                seen.append(event)  # noqa: PERF401 - what came before the failure counts
        except ModelFailed as failed:
            return failed.code, failed.temporary, seen
    pytest.fail(f"expected a failure, got {seen}")


HURRY = {"first_token_timeout": 0.15}
ERROR = {"error": {"message": "overloaded", "code": 503}}
ROLE = {"choices": [{"index": 0, "delta": {"role": "assistant"}}]}
THOUGHT = {"choices": [{"index": 0, "delta": {"reasoning_content": "hm"}}]}
END = {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}
NO_END = says("He", tail=False)


@pytest.mark.parametrize(
    ("step", "code", "temporary"),
    [
        pytest.param(hangs(), "timeout", True, id="no headers"),
        pytest.param(hangs(""), "timeout", True, id="headers, and then nothing"),
        pytest.param(cuts(), "unavailable", True, id="cut before the first piece"),
        pytest.param(sends(ROLE), "unavailable", True, id="an end before the first piece"),
        pytest.param(sends(ERROR), "unavailable", True, id="an error in place of the answer"),
        pytest.param(sends("{broken"), "invalid_answer", False, id="broken JSON"),
        pytest.param(sends(content_type="text/html"), "invalid_answer", False, id="a page"),
        pytest.param(sends("[1]", '"x"', content_type="application/json"), "invalid_answer", False, id="other JSON"),
    ],
)
async def test_what_fails_before_the_first_piece_says_how(step: Step, code: str, temporary: bool) -> None:
    """Nothing has come, so the code tells whether to ask again."""
    assert await failure(step, HURRY if code == "timeout" else None) == (code, temporary, [])


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(hangs("He"), id="silent"),
        pytest.param(cuts("He"), id="cut"),
        pytest.param(NO_END, id="an end without a reason"),
        pytest.param(sends({"choices": [{"delta": {"content": "He"}}]}, "{broken"), id="broken JSON"),
        pytest.param(sends({"choices": [{"delta": {"content": "He"}}]}, ERROR), id="an error in the middle"),
    ],
)
async def test_what_fails_in_the_middle_is_cut(step: Step) -> None:
    """What had come was passed on, and no half answer looks whole."""
    assert await failure(step, {"next_token_timeout": 0.15}) == ("cut", True, [TextDelta("He")])


async def test_a_model_that_thinks_is_alive() -> None:
    """Thoughts aren't part of the answer, but end the wait for its first piece: the time between pieces counts then."""
    assert await failure(_sends_and_hangs(THOUGHT), {"next_token_timeout": 0.1}) == ("cut", True, [])


def _sends_and_hangs(*events: dict[str, Any]) -> Step:
    async def step(exchange: Exchange) -> StreamResponse:
        await sends(*events)(exchange)
        return await hangs()(exchange)

    return step


@pytest.mark.parametrize("rest", [sends(END, "{broken"), _sends_and_hangs(END)], ids=["broken", "silent"])
async def test_an_answer_is_over_even_if_its_connection_is_not(rest: Step) -> None:
    """What comes after the reason is only the count: trouble there costs that alone, and little time."""
    async with asyncio.timeout(1.8):
        assert await answer(rest, {"next_token_timeout": 0.1}) == [TextDelta("Hi"), Finished("stop", None, NAME)]


async def test_redirects_are_not_followed() -> None:
    """A prompt goes where the options say, and nowhere else."""
    async with llm_double() as elsewhere:
        moved = refuses(307, headers={"Location": f"{elsewhere.url}/chat/completions"})
        assert await failure(moved) == ("refused", False, [])
        assert elsewhere.requests == []


async def test_an_answer_without_end_is_bounded() -> None:
    """A model that repeats itself for ever is left, and its answer ends as too long."""
    events = await answer(hangs(*["la"] * 10), {"max_answer_chars": 7})
    assert events == [*[TextDelta("la")] * 4, Finished("length", None, NAME)]


async def test_a_server_that_does_not_shake_hands_is_left() -> None:
    """The time for a connection has TLS in it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/v1"
        endpoint = Endpoint(ProviderOptions("p", url, (MODEL,), connect_timeout=0.1))
        async with asyncio.timeout(3):
            with pytest.raises(
                ModelFailed, match=r"connection to the endpoint of double/double-1 within 0\.1 s"
            ) as caught:
                await anext(endpoint.answer(prompt()))
        assert caught.value.code == "timeout"
        await endpoint.close()


@pytest.mark.parametrize("pieces", [("He",), ()], ids=["in the middle", "before the first piece"])
async def test_cancelling_closes_the_request_at_once(pieces: tuple[str, ...]) -> None:
    """The endpoint sees its asker go."""
    begun = asyncio.Event()
    async with llm_double(hangs(*pieces)) as double, endpoint_of(double) as endpoint:
        task = asyncio.create_task(_read(endpoint, begun))
        asked = await double.asked()
        if pieces:
            await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            await asked.left.wait()


async def _read(endpoint: Endpoint, begun: asyncio.Event) -> None:
    async with aclosing(endpoint.answer(prompt())) as events:
        async for _ in events:
            begun.set()
