"""What the chunks of a streamed chat completion add up to.

Chunks come as the endpoint wrote them: the `openai` client checks none of their fields, and endpoints differ. So each
field is looked at before it is used, and what isn't as OpenAI has it is left out, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from openai.types.chat import ChatCompletionChunk

from agents.models.port import ToolCall, Usage

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
"""What JSON may hold and PostgreSQL or UTF-8 may not: NUL, and halves of surrogate pairs."""


@dataclass(slots=True)
class _Call:
    id: str
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Answer:
    """An answer that grows.

    Attributes:
        reason: why it ended, once that has come; `None` before.
        alive: whether the model has said anything yet, thoughts that aren't part of the answer included.
        size: characters of it, of text and of tool calls.
    """

    def __init__(self, model: str) -> None:
        self.reason: str | None = None
        self.alive = False
        self.size = 0
        self._model = model
        self._usage: Any = None
        self._calls: list[_Call] = []
        self._latest: dict[int | None, _Call] = {}

    def add(self, chunk: ChatCompletionChunk) -> str:
        """Take a chunk; return the text in it, which may be empty."""
        self._model = _text(chunk, "model") or self._model
        # Some count in every chunk, others at the end: the last word counts.
        self._usage = getattr(chunk, "usage", None) or self._usage
        choices = getattr(chunk, "choices", None)
        if not isinstance(choices, list) or not choices:
            return ""
        delta = getattr(choices[0], "delta", None)
        self.reason = _text(choices[0], "finish_reason") or self.reason
        pieces = getattr(delta, "tool_calls", None)
        for piece in pieces if isinstance(pieces, list) else ():
            self._add_call(piece)
        text = _text(delta, "content") + _text(delta, "refusal")
        self.size += len(text)
        thought = _text(delta, "reasoning_content") or _text(delta, "reasoning")
        self.alive = self.alive or bool(text or thought or self._calls)
        return text

    @property
    def calls(self) -> Iterator[ToolCall]:
        """The tool calls, in the order in which they began; their arguments are as they came, broken or not."""
        for call in self._calls:
            yield ToolCall(call.id, call.name, "".join(call.arguments))

    @property
    def usage(self) -> Usage | None:
        """What the endpoint counted, if it said so."""
        given = self._usage
        if given is None:
            return None
        usage = Usage(
            self._model,
            input_tokens=_count(given, "prompt_tokens"),
            output_tokens=_count(given, "completion_tokens"),
            cached_input_tokens=_count(getattr(given, "prompt_tokens_details", None), "cached_tokens"),
            reasoning_tokens=_count(getattr(given, "completion_tokens_details", None), "reasoning_tokens"),
        )
        return None if usage == Usage(self._model) else usage

    def _add_call(self, piece: Any) -> None:
        function = getattr(piece, "function", None)
        index, id, name = _count(piece, "index"), _text(piece, "id"), _text(function, "name")
        call = self._latest.get(index)
        # Some endpoints give every call the same index, or none: another id is another call.
        if call is None or (id and id != call.id):
            call = _Call(id or f"call_{len(self._calls)}")
            self._calls.append(call)
            self._latest[index] = call
        call.name = call.name or name
        arguments = _text(function, "arguments")
        call.arguments.append(arguments)
        self.size += len(arguments) + 1


def _text(of: object, name: str) -> str:
    value = getattr(of, name, None)
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else ""


def _count(of: object, name: str) -> int | None:
    value = getattr(of, name, None)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
