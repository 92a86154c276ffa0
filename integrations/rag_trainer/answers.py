"""A question to the library, and what was found."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(_Value):
    """What is asked, and where to look (each field that has values narrows it)."""

    text: str = Field(min_length=1, max_length=4_000)
    limit: int = Field(5, ge=1, le=50, description="passages at most")
    mode: Literal["hybrid", "dense", "lexical"] = "hybrid"
    rerank: bool = True
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    subtypes: tuple[str, ...] = ()
    designations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


class Passage(_Value):
    """A passage that was found, and where it stands.

    Attributes:
        path: headings above it.
        start, end: characters in the document's text.
        score: of the last step, for comparing passages of one answer only.
        dense_rank, lexical_rank: where each search had it, from 1; `None`: not among its candidates.
    """

    id: str
    document: str
    title: str
    type: str
    designation: str | None = None
    path: tuple[str, ...] = ()
    page: int | None = None
    start: int
    end: int
    text: str
    score: float
    dense_rank: int | None = None
    lexical_rank: int | None = None


class Answer(_Value):
    """Passages, best first, and what it took to find them.

    Attributes:
        timings_ms: by step: embed, dense, lexical, fuse, rerank, total.
        searched: documents and chunks in the index at that time.
        notes: what wasn't done and why, such as dense search without a model.
    """

    question: str
    mode: Literal["hybrid", "dense", "lexical"]
    passages: tuple[Passage, ...]
    timings_ms: dict[str, float]
    documents: int
    chunks: int
    notes: tuple[str, ...] = ()
