"""The responder that needs no language model: it answers with what memory says, word for word."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from agents.models.options import OFFLINE_PROVIDER
from agents.models.port import Citation, Finished, ModelEvent, Prompt, TextDelta
from agents.models.words import Asked

OFFLINE_MODEL: Final = f"{OFFLINE_PROVIDER}/retrieval"

_QUOTES: Final = 3
_LEAST_PART: Final = 0.5
"""A sentence is quoted too when it fits at least half as well as the best one."""
_QUESTION_CHARS: Final = 2_000
_CITATION_CHARS: Final = 4_000
_CITATIONS: Final = 20
_SENTENCE_CHARS: Final = 400

_END: Final = re.compile(r"(?<![.!?…])[.!?…]++[\"'”»)\]]*+(?=\s|$)|[。！？]++[”」』）]*+")
"""Of a sentence. Never backtracks: a memory of nothing but dots costs no more than another."""
_ASKS: Final = re.compile(r"[?？][\"'”»)\]」』）]*$")
_PIECE: Final = re.compile(
    r"\s*(?:[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]{1,2}|[^\s\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+)\s*"
)

_FOUND: Final = "From memory, word for word (offline responder, no language model):"
_NEAREST: Final = (
    "Nothing in memory has the words of this question (offline responder, no language model). The nearest by meaning:"
)
_NOTHING: Final = "Nothing in memory fits this (offline responder, no language model)."
_REMEDY: Final = (
    "The offline responder only quotes what this agent remembers. For answers in other words, the hub's operator adds "
    "a language model under `agents.providers`; then choose it for this agent."
)


@dataclass(frozen=True, slots=True)
class _Quote:
    text: str
    number: int
    fit: float


class OfflineResponder:
    """Answers with the sentences of the retrieved memory that fit the question best by their words.

    They are quoted as they are, with the number of their citation; no word of the answer is made up beside fixed ones
    that name the responder. When no sentence has a word of the question, it says so, and quotes the nearest memory that
    the search has found, if it found any. The same prompt has the same answer. It counts no tokens.

    Args:
        pace: seconds between two pieces of an answer; 0 only lets others run in between.
        sleep: injected by tests.
    """

    def __init__(self, pace: float = 0.0, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._pace = pace
        self._sleep = sleep

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        """Stream the answer, word by word. Never fails."""
        question = next((message.content for message in reversed(prompt.messages) if message.role == "user"), "")
        asked = Asked(question[:_QUESTION_CHARS])
        quotes: list[_Quote] = []
        for citation in prompt.citations[:_CITATIONS]:
            quotes += _quotes(asked, question, citation)
            # A citation takes a millisecond or so to compare: the loop's other work comes in between.
            await self._sleep(0)
        said = _written(_best(quotes), prompt.citations)
        for count, piece in enumerate(_PIECE.findall(said), start=1):
            if prompt.max_tokens is not None and count > prompt.max_tokens:
                yield Finished("length", model=OFFLINE_MODEL)
                return
            yield TextDelta(piece)
            await self._sleep(self._pace)
        yield Finished("stop", model=OFFLINE_MODEL)


def _quotes(asked: Asked, question: str, citation: Citation) -> Iterator[_Quote]:
    same = _plain(question)
    for sentence in _sentences(citation.text[:_CITATION_CHARS]):
        # A question that was asked before fits itself best, and answers nothing.
        if not _ASKS.search(sentence) and _plain(sentence) != same and (score := asked.fit(sentence)):
            yield _Quote(_shortened(sentence), citation.number, score)


def _sentences(text: str) -> Iterator[str]:
    """Sentences of each line; a question stays with what follows it in its line, which may be its answer."""
    for line in text.splitlines():
        begin = 0
        for found in _END.finditer(line):
            if not _ASKS.search(found.group()):
                yield line[begin : found.end()].strip()
                begin = found.end()
        if rest := line[begin:].strip():
            yield rest


def _best(quotes: Sequence[_Quote]) -> list[_Quote]:
    """The quotes that fit best, each text once; of equals, those of the better citation come first."""
    once = {_plain(quote.text): quote for quote in reversed(quotes)}
    ranked = sorted(once.values(), key=lambda quote: (-quote.fit, quote.number))
    return [quote for quote in ranked[:_QUOTES] if quote.fit >= _LEAST_PART * ranked[0].fit]


def _written(quotes: Sequence[_Quote], citations: Sequence[Citation]) -> str:
    if quotes:
        return "\n\n".join([_FOUND, "\n".join(map(_line, quotes))])
    nearest = ((_first(citation.text), citation.number) for citation in citations)
    for sentence, number in nearest:
        if sentence:
            return "\n\n".join([_NEAREST, _line(_Quote(_shortened(sentence), number, 0.0)), _REMEDY])
    return f"{_NOTHING}\n\n{_REMEDY}"


def _first(text: str) -> str:
    return next((one for one in _sentences(text[:_CITATION_CHARS]) if not _ASKS.search(one)), "")


def _line(quote: _Quote) -> str:
    return f"- “{quote.text}” [{quote.number}]"


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= _SENTENCE_CHARS else sentence[: _SENTENCE_CHARS - 1].rstrip() + "…"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
