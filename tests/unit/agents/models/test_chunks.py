"""Chunks of many endpoints add up to one answer, and nothing in them can break it."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types.chat import ChatCompletionChunk

from agents.models.chunks import Answer
from agents.models.port import ToolCall, Usage


def chunk(value: Any) -> ChatCompletionChunk:
    """Make what the client makes of an event's JSON: it checks nothing."""
    if not isinstance(value, dict):
        made: ChatCompletionChunk = value
        return made
    return ChatCompletionChunk.construct(**value)


def delta(finish: str | None = None, **fields: Any) -> ChatCompletionChunk:
    """Make a chunk of one choice."""
    return chunk({"choices": [_Loose(delta=_Loose(**fields), finish_reason=finish)]})


class _Loose:
    """An object with these fields, as the client makes of JSON objects."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__ |= fields


def piece(index: int | None, id: str | None, name: str | None, arguments: str | None) -> _Loose:
    """Make a piece of a tool call."""
    return _Loose(index=index, id=id, function=_Loose(name=name, arguments=arguments))


def test_text_and_reason_are_taken_from_where_they_are() -> None:
    """Also of a refusal, which is what the model says; a reason stays once it came."""
    answer = Answer("m")
    assert [answer.add(one) for one in (delta(content=""), delta(content="He"), delta(refusal="no"))] == [
        "",
        "He",
        "no",
    ]
    assert (answer.reason, answer.size, answer.alive) == (None, 4, True)
    answer = Answer("m")
    assert answer.add(delta("stop", content="!")) == "!"
    answer.add(delta())
    assert answer.reason == "stop"


def test_text_can_be_stored() -> None:
    """NUL and halves of surrogate pairs stand in JSON, but not in UTF-8 or PostgreSQL."""
    assert Answer("m").add(delta(content="a\0b\ud83dc")) == "a\ufffdb\ufffdc"


def test_calls_with_one_index_are_told_apart_by_their_ids() -> None:
    """Some endpoints send calls whole with the same index, or none; others repeat the id in each piece."""
    answer = Answer("m")
    answer.add(delta(tool_calls=[piece(0, "a", "f", "{}"), piece(0, "b", "g", "[")]))
    answer.add(delta(tool_calls=[piece(0, "b", None, "]"), piece(None, None, "h", "1")]))
    assert list(answer.calls) == [ToolCall("a", "f", "{}"), ToolCall("b", "g", "[]"), ToolCall("call_2", "h", "1")]


@pytest.mark.parametrize(
    "value",
    [
        {},
        [1],
        "text",
        {"choices": None},
        {"choices": []},
        {"choices": [3]},
        {"choices": [_Loose(delta="x", finish_reason=7)]},
        {"choices": [_Loose(delta=_Loose(content=[1], tool_calls=4), finish_reason=None)], "model": 5},
    ],
)
def test_chunks_of_other_shapes_say_nothing(value: Any) -> None:
    """They add nothing, and end nothing."""
    answer = Answer("m")
    assert answer.add(chunk(value)) == ""
    assert (answer.reason, answer.alive, list(answer.calls), answer.usage) == (None, False, [], None)


def test_the_last_count_is_the_answers() -> None:
    """Some count in each chunk; numbers that aren't numbers are unknown."""
    answer = Answer("asked")
    answer.add(chunk({"usage": _Loose(prompt_tokens=3, completion_tokens=1), "model": "real"}))
    answer.add(
        chunk({"usage": _Loose(prompt_tokens=3, completion_tokens=9, prompt_tokens_details=_Loose(cached_tokens=True))})
    )
    answer.add(chunk({"usage": None}))
    assert answer.usage == Usage("real", 3, 9)
