"""Summaries by a language model, against a double of an OpenAI-compatible endpoint on a real socket."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.messages.analysis import AnalysisSummary
from integrations.code_analysis.comparison import Comparison
from integrations.code_analysis.finding import Finding
from integrations.code_analysis.report import Outcome, Report
from integrations.code_analysis.summary import TEXT_MAX, Model, NoSummary, Summariser, facts

KEY = "sk-very-secret"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ModelDouble:
    """Stands in for a model: speaks its protocol, and says what the test tells it to.

    Attributes:
        answers: one for each request; the last one stays.
    """

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[Answer] = [said("All is well.")]
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        self.headers.append(dict(request.headers))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


def said(text: str | None, reason: str = "stop", *, usage: bool = True) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": text}}
        body = {"id": "c", "object": "chat.completion", "created": 1, "model": "small-1", "choices": [choice]}
        if usage:
            body["usage"] = {"prompt_tokens": 210, "completion_tokens": 7, "total_tokens": 217}
        return web.json_response(body)

    return answer


def failed(status: int) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        error = {"error": {"message": f"Incorrect API key provided: {KEY}", "type": "x"}}
        return web.json_response(error, status=status, headers={"Retry-After": "0", "retry-after-ms": "1"})

    return answer


def streamed(*pieces: str, end: bool = True, cut: bool = False) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "small-1"}
        for piece in pieces:
            choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            await response.write(f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode())
        if cut and request.transport is not None:
            request.transport.abort()
            return response
        if end:
            choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}
            for part in ({"choices": [choice]}, {"choices": [], "usage": usage}):
                await response.write(f"data: {json.dumps({**chunk, **part})}\n\n".encode())
            await response.write(b"data: [DONE]\n\n")
        return response

    return answer


async def hanging(_request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def garbage(_request: web.Request) -> web.StreamResponse:
    return web.Response(text='{"choices": [', content_type="application/json")


async def nothing(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"model": "small-1", "choices": []})


@pytest.fixture
async def double() -> AsyncIterator[ModelDouble]:
    """A double that listens."""
    model = ModelDouble()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.handle)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    model.url = str(server.make_url("/v1"))
    yield model
    await server.close()


def make_report(count: int = 3) -> Report:
    report = Report("HEAD", commit="c1", files=9, outcomes=[Outcome("ruff", "1", findings=count)], total=count)
    report.findings = [
        Finding("ruff", "F401", "info", f"src/{number}.py", number, 1, "`os` imported but unused", "f")
        for number in range(count - 1)
    ]
    report.findings.append(Finding("ruff", "E999", "error", "src/bad.py", 7, 1, "broken", "f"))
    report.severities.update({"error": 1, "info": count - 1})
    report.comparison = Comparison("c0", 2, 1, 0)
    return report


async def summed_up(model: ModelDouble, **options: Any) -> AnalysisSummary:
    summariser = Summariser(Model(**{"url": model.url, "name": "small", "key": KEY, "retries": 0, **options}))
    try:
        return await summariser(make_report())
    finally:
        await summariser.close()


async def refusal(model: ModelDouble, **options: Any) -> str:
    with pytest.raises(NoSummary) as caught:
        await summed_up(model, **options)
    assert KEY not in str(caught.value)
    return str(caught.value)


async def test_a_model_sums_up(double: ModelDouble) -> None:
    """With its own name and usage, as the endpoint reports them."""
    summary = await summed_up(double, tokens=123)
    assert summary == AnalysisSummary(
        text="All is well.", model="small-1", prompt_tokens=210, completion_tokens=7, truncated=False
    )
    assert double.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert (double.bodies[0]["model"], double.bodies[0]["max_tokens"]) == ("small", 123)
    assert "E999" in double.bodies[0]["messages"][1]["content"]


async def test_a_model_may_stream(double: ModelDouble) -> None:
    """The pieces are joined."""
    double.answers = [streamed("All ", "is ", "well.")]
    summary = await summed_up(double, stream=True)
    assert (summary.text, summary.model, summary.completion_tokens) == ("All is well.", "small-1", 6)
    assert double.bodies[0]["stream"] is True


async def test_usage_that_is_not_reported_is_absent(double: ModelDouble) -> None:
    """Nothing is made up; a text that was cut says so."""
    double.answers = [said("x" * (TEXT_MAX + 5), "length", usage=False)]
    summary = await summed_up(double)
    assert (summary.prompt_tokens, summary.truncated, len(summary.text)) == (None, True, TEXT_MAX)


@pytest.mark.parametrize(
    ("answer", "options", "words"),
    [
        (failed(401), {}, "the model's endpoint answered 401"),
        (failed(429), {}, "the model's endpoint answered 429"),
        (failed(500), {}, "the model's endpoint answered 500"),
        (hanging, {"timeout": 0.3}, "the model took longer than 0.3 s"),
        (said(None), {}, "the model answered with nothing"),
        (said("  \n"), {}, "the model answered with nothing"),
        (nothing, {}, "the model's answer can't be read"),
        (garbage, {}, "the model's answer can't be read"),
        (streamed("All is", end=False), {"stream": True}, "the model's answer broke off"),
        (streamed("All is", cut=True), {"stream": True}, "the model's endpoint can't be reached, or broke off"),
        (streamed(), {"stream": True}, "the model answered with nothing"),
    ],
)
async def test_what_fails_has_a_reason(
    double: ModelDouble, answer: Answer, options: dict[str, Any], words: str
) -> None:
    """And no key in it, though the endpoint quotes it."""
    double.answers = [answer]
    assert (await refusal(double, **options)).startswith(words)


async def test_nobody_there_has_a_reason(double: ModelDouble, unused_tcp_port: int) -> None:
    """A refused connection."""
    assert await refusal(double, url=f"http://127.0.0.1:{unused_tcp_port}/v1") == (
        "the model's endpoint can't be reached, or broke off"
    )


async def test_a_busy_endpoint_is_asked_again(double: ModelDouble) -> None:
    """As often as is configured."""
    double.answers = [failed(429), failed(500), said("All is well.")]
    assert (await summed_up(double, retries=2)).text == "All is well."
    assert len(double.bodies) == 3


def test_the_model_is_told_no_code_and_not_too_much() -> None:
    """Files, rules and messages, the worst first; bounded, however many findings there are."""
    told = facts(make_report(5000))
    assert told["worst"][0] == "error src/bad.py:7 E999 broken"
    assert told["since_last_time"] == {"new": 2, "fixed": 1}
    assert told["by_severity"] == {"error": 1, "warning": 0, "info": 4999}
    assert len(json.dumps(told)) < 10_000


def test_the_library_is_loaded_when_it_is_needed() -> None:
    """A hub without a model doesn't pay for it."""
    code = "import hub.adapters.analysis, sys; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=50, check=False).returncode == 0


def test_the_key_is_in_no_repr() -> None:
    """It may be logged."""
    assert KEY not in repr(Model("http://m/v1", "m", KEY))
