"""What a language model is to the agents: a prompt goes in, and a stream of events comes out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import UUID

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A piece of memory that stands in a prompt, and that an answer may refer to as `[number]`.

    Attributes:
        number: from 1, in the order of the prompt.
        score: of the search that found it, higher is better.
    """

    number: int
    memory_id: UUID
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked.

    Attributes:
        model: `PROVIDER/MODEL` as the catalogue of models has it, such as `offline/retrieval`.
        messages: in order; the last one is the user's.
        citations: what was retrieved; it stands in `messages` too, in words.
        temperature, max_tokens: `None` leaves it to the model.
        fallbacks: models to ask instead when that one fails before it has said anything, in order.
        tools: functions that the model may call, each with `name`, `description` and `parameters` (a JSON Schema);
            empty: none.
    """

    model: str
    messages: tuple[PromptMessage, ...]
    citations: tuple[Citation, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    fallbacks: tuple[str, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider reported them; `None` is unknown, and never a guess.

    Attributes:
        model: that really answered, as the provider names it.
    """

    model: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, as it came."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function that the model asks for, whole. `arguments` is its JSON text, which may be broken."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Retried:
    """The model is asked again, or another one: nothing of the answer had come yet.

    Attributes:
        model: that is asked next.
        reason: why, for people, without a secret. It may have words of the endpoint, and they of the prompt.
        code: that of the failure (`ModelFailed`).
    """

    model: str
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of an answer.

    Attributes:
        reason: `stop`, `length`, `tool_calls`, `content_filter`, or what the provider says.
        usage: `None` when the provider reported none.
        model: that answered, named as in a `Prompt`: another than was asked when that one failed.
    """

    reason: str
    usage: Usage | None = None
    model: str = ""


ModelEvent = TextDelta | ToolCall | Retried | Finished


class ModelFailed(Exception):
    """A model gave no answer, or only the beginning of one.

    Attributes:
        code: `rate_limited`, `timeout`, `unavailable`, `refused`, `invalid_answer`, `cut` (the stream broke) or
            `unknown_model`.
        temporary: whether trying later may help.
        message: for people; says what to do, and holds no secret. It may have words of the endpoint, which may repeat
            the prompt: it is for who wrote that, and for no log.
        retry_after: seconds after which the provider wants to be asked again; `None` when it didn't say.
    """

    def __init__(self, code: str, message: str, *, temporary: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.temporary = temporary
        self.retry_after = retry_after


class Model(Protocol):
    """Answers prompts."""

    def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        """Stream the answer. Ends with exactly one `Finished`, or raises.

        Closing the iterator (`aclose`) or cancelling who waits for it ends the request to the provider at once. Who may
        leave it half read closes it: `async with aclosing(model.answer(prompt)) as events`.

        Raises:
            ModelFailed: what had come before it counts.
        """
