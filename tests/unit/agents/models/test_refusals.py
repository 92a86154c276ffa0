"""A refusal says what to do, whether trying again may help, and when; and nothing of the key."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from pydantic import SecretStr

from agents.models.openai_endpoint import Endpoint
from agents.models.options import ProviderOptions
from agents.models.port import ModelFailed, Prompt, PromptMessage
from agents.models.refusals import retry_after
from tests.llm_double import MODEL, Step, llm_double, refuses, sends

KEY = "sk-tests-0123456789"
URL = "http://127.0.0.1:{}/v1"


async def failure(step: Step, key: str = KEY) -> ModelFailed:
    """Ask a double, and return how it failed."""
    async with llm_double(step) as double:
        endpoint = Endpoint(ProviderOptions("p", double.url, (MODEL,), SecretStr(key)))
        with pytest.raises(ModelFailed) as caught:
            await anext(endpoint.answer(Prompt(f"p/{MODEL}", (PromptMessage("user", "hi"),))))
        await endpoint.close()
        # All that a log may have of it, with what led to it.
        everything = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)
        assert not key or key[:6] not in everything
        assert double.url not in str(caught.value)
        return caught.value


@pytest.mark.parametrize(
    ("step", "code", "temporary", "words"),
    [
        (
            refuses(401, f"bad key {KEY}"),
            "refused",
            False,
            "let in with its key, the endpoint answered 401; set api_key",
        ),
        (refuses(403), "refused", False, "answered 403; set api_key of provider 'p'"),
        (refuses(404, "no such model"), "refused", False, "answered 404 (no such model); check models and base_url"),
        (refuses(400, "too\nlong"), "refused", False, "answered 400 (too long); change what is asked"),
        (refuses(422), "refused", False, "answered 422"),
        (refuses(307), "refused", False, "answered 307 (no); check models and base_url"),
        (refuses(408), "unavailable", True, "answered 408"),
        (
            refuses(429, f"slow down, {KEY}"),
            "rate_limited",
            True,
            "answered 429; wait, or look at the account's limits",
        ),
        (refuses(429, code="insufficient_quota"), "rate_limited", False, "look at the account's quota"),
        (refuses(500), "unavailable", True, "answered 500 (no); look at the endpoint's log"),
        (refuses(503), "unavailable", True, "answered 503"),
        (sends({"error": {"message": "busy", "code": 429}}), "rate_limited", True, "in its place (busy); try again"),
        (sends({"error": {"message": "bad", "type": "invalid_request_error"}}), "refused", False, "(bad); change what"),
    ],
)
async def test_a_refusal_is_told(step: Step, code: str, temporary: bool, words: str) -> None:
    """Only what passes by itself is temporary."""
    failed = await failure(step)
    assert (failed.code, failed.temporary) == (code, temporary)
    assert words in failed.message
    assert f"p/{MODEL}" in failed.message


async def test_a_refusal_without_a_key_says_that_there_was_none() -> None:
    """The remedy is another one then."""
    assert "let in with no key" in (await failure(refuses(401), key="")).message


async def test_when_to_come_back_is_kept() -> None:
    """For who waits, and for who is told."""
    assert (await failure(refuses(429, headers={"Retry-After": "7"}))).retry_after == 7.0
    assert (await failure(refuses(503, headers={"Retry-After": "2.5"}))).retry_after == 2.5


async def test_an_endpoint_that_is_not_there_is_unavailable() -> None:
    """Its address isn't part of the message: it may be internal."""
    async with llm_double() as double:
        url = double.url
    endpoint = Endpoint(ProviderOptions("p", url, (MODEL,)))
    with pytest.raises(ModelFailed, match="got ConnectError; look whether it runs") as caught:
        await anext(endpoint.answer(Prompt(f"p/{MODEL}", (PromptMessage("user", "hi"),))))
    assert (caught.value.code, caught.value.temporary) == ("unavailable", True)
    assert url not in str(caught.value)
    await endpoint.close()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "3", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_when_to_come_back_is_read_in_each_form(headers: dict[str, Any], seconds: float | None) -> None:
    """A date counts from the answer's own; what can't be read is nothing."""
    assert retry_after(headers) == seconds
