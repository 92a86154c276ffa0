"""Models of any endpoint that speaks OpenAI's API (chat completions): theirs, or a server of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any, Final

from openai import APIStatusError, AsyncOpenAI, AsyncStream, DefaultAsyncHttpx2Client, OpenAIError, Timeout
from openai.types.chat import ChatCompletionChunk

from agents.models.chunks import Answer
from agents.models.options import ProviderOptions
from agents.models.port import Finished, ModelEvent, ModelFailed, Prompt, TextDelta
from agents.models.refusals import cut, nothing_came, told, too_slow

_SENT: Final = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}
)
_USAGE_WAIT: Final = 2.0
"""Seconds to wait for the count of tokens after the answer's end: it comes at once, or not at all."""
_NEWER_LIMIT: Final = "max_completion_tokens"

_Stream = AsyncStream[ChatCompletionChunk]


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What a model takes.

    Attributes:
        counts: `stream_options`, with which tokens are counted.
        limit: its name for the most tokens of an answer.
    """

    counts: bool = True
    limit: str = "max_tokens"

    def after(self, error: Exception) -> _Dialect | None:
        """What to try after a refusal; `None` when it is about something else."""
        if not isinstance(error, APIStatusError) or error.status_code not in (400, 422):
            return None
        words = f"{error.param} {error.body}"
        if self.counts and "stream_options" in words:
            return replace(self, counts=False)
        if self.limit != _NEWER_LIMIT and _NEWER_LIMIT in words:
            return replace(self, limit=_NEWER_LIMIT)
        return None


class Endpoint:
    """Asks an endpoint, once for each answer: asking again is for `Retrying`.

    Pieces of text are passed on as they come. Tool calls come whole, at the end; what a model thinks before it answers
    (`reasoning_content`) isn't passed on.

    Who the hub is to the endpoint stands in the options alone. Nothing of the environment goes out (`OPENAI_API_KEY`,
    `OPENAI_CUSTOM_HEADERS` and others of the client, `.netrc`), its proxies aren't used, and redirects aren't followed.
    The key is in no attribute of the client, and in no message.

    Two things that some models don't take are sent no more once they were refused: `stream_options`, with which tokens
    are counted, and `max_tokens`, which is called `max_completion_tokens` then.
    """

    def __init__(self, options: ProviderOptions) -> None:
        self._options = options
        self._dialects: dict[str, _Dialect] = {}
        key = options.api_key.get_secret_value()

        async def prepare(request: Any) -> None:
            for name in [name for name in request.headers if name.lower() not in _SENT]:
                del request.headers[name]
            if key:
                request.headers["Authorization"] = f"Bearer {key}"

        # Reading has its own deadlines, in `_next`: the client's would begin anew with each byte.
        timeout = Timeout(None, connect=options.connect_timeout)
        http = DefaultAsyncHttpx2Client(
            timeout=timeout, event_hooks={"request": [prepare]}, trust_env=False, follow_redirects=False
        )
        self._client = AsyncOpenAI(
            base_url=options.base_url, api_key="not sent", timeout=timeout, max_retries=0, http_client=http
        )

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        """Stream the answer.

        Raises:
            ModelFailed: `cut` when something of the answer had come, and another code when nothing had.
        """
        deadline = asyncio.get_running_loop().time() + self._options.first_token_timeout
        stream = await self._open(prompt, deadline)
        answer = Answer(_bare(prompt))
        passed_on = False
        try:
            while chunk := await self._next(stream, answer, deadline, prompt.model, passed_on):
                if text := answer.add(chunk):
                    passed_on = True
                    yield TextDelta(text)
                if answer.size > self._options.max_answer_chars:
                    answer.reason = "length"
                    break
        finally:
            await stream.close()
        if answer.reason is None:
            if passed_on:
                raise cut(self._options, prompt.model, silent=False)
            raise nothing_came(self._options, prompt.model, stream.response.headers.get("content-type", ""))
        for call in answer.calls:
            yield call
        yield Finished(answer.reason, answer.usage, prompt.model)

    async def close(self) -> None:
        """Close the connections; answers under way break."""
        await self._client.close()

    async def _open(self, prompt: Prompt, deadline: float) -> _Stream:
        """Send the request, once more for each thing that the endpoint doesn't take."""
        dialect = self._dialects.get(prompt.model, _Dialect())
        failure: ModelFailed | None = None
        while failure is None:
            try:
                async with asyncio.timeout_at(deadline):
                    return await self._create(prompt, dialect)
            except TimeoutError:
                failure = too_slow(self._options, prompt.model)
            except (OpenAIError, ValueError) as error:
                if other := dialect.after(error):
                    self._dialects[prompt.model] = dialect = other
                else:
                    failure = told(error, self._options, prompt.model)
        # Outside of the handlers: the client's own error has the request in it, and that the key.
        raise failure

    async def _create(self, prompt: Prompt, dialect: _Dialect) -> _Stream:
        body: dict[str, Any] = {
            "model": _bare(prompt),
            "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
            "stream": True,
        }
        if dialect.counts:
            body["stream_options"] = {"include_usage": True}
        if prompt.temperature is not None:
            body["temperature"] = prompt.temperature
        if prompt.tools:
            body["tools"] = [{"type": "function", "function": dict(tool)} for tool in prompt.tools]
        if prompt.max_tokens is not None:
            body[dialect.limit] = prompt.max_tokens
        # As `chat.completions.create` sends it, but for going through its types for every message: that takes as much
        # of the processor as all the rest of a request, and changes nothing in JSON.
        return await self._client.post(
            "/chat/completions", body=body, cast_to=ChatCompletionChunk, stream=True, stream_cls=_Stream
        )

    async def _next(
        self, stream: _Stream, answer: Answer, deadline: float, model: str, passed_on: bool
    ) -> ChatCompletionChunk | None:
        """Return the next chunk; `None` when there is none any more."""
        now = asyncio.get_running_loop().time()
        until = now + self._options.next_token_timeout if answer.alive else deadline
        if answer.reason is not None:
            until = now + min(_USAGE_WAIT, self._options.next_token_timeout)
        try:
            async with asyncio.timeout_at(until):
                return await anext(stream, None)
        except TimeoutError:
            silent = True
            failure = too_slow(self._options, model)
        except (OpenAIError, ValueError) as error:
            silent = False
            failure = told(error, self._options, model)
        if answer.reason is not None:
            return None
        raise cut(self._options, model, silent) if passed_on or (silent and answer.alive) else failure


def _bare(prompt: Prompt) -> str:
    """The model's name without its provider's."""
    return prompt.model.partition("/")[2]
