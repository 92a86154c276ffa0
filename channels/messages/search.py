"""Vector searches: how far one is, how it ended, and what it took."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from channels.messages.fields import Amount, Count, Line, Message, Name

Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class SearchProgress(Message):
    """A vector search reached a stage. Of one search the progress never falls; the last one is completed or failed."""

    type: ClassVar[str] = "search_progress"

    query_id: Name = Field(description="the search; the same in all its messages")
    progress: Percent = Field(description="stages that are done, in % of those that this search has")
    status: Literal["embedding", "searching", "reranking", "completed", "failed"] = Field(
        description="the stage that begins now, or how the search ended"
    )
    collection: Line | None = Field(None, description="what is searched, while status is searching")


class SearchCompleted(Message):
    """A vector search gave its results."""

    type: ClassVar[str] = "search_completed"

    query_id: Name = Field(description="the search; the same in all its messages")
    collection: Line = Field(description="what was searched; several collections are joined by commas")
    top_k: Count = Field(description="results that were asked for")
    search_time_ms: Amount = Field(
        description="the whole search as its caller waited for it, in milliseconds: the parts below and what is between"
    )
    results_count: Count = Field(description="results that were given")
    ef_search: Count | None = Field(
        description="candidates that the HNSW index kept while it searched; null where every vector was compared "
        "(exact_reason), where the caller left it to the server, and where several collections differ"
    )
    recall_estimated: Share | None = Field(
        description="measured share of the true neighbours that searches of this kind find, from 0 to 1; null until "
        "there are enough samples, and for exact searches"
    )
    recall_low: Share | None = Field(None, description="lower end of its 95 % confidence interval")
    recall_high: Share | None = Field(None, description="upper end of it")
    recall_samples: Count | None = Field(None, description="searches that it was measured on")
    exact_reason: Line | None = Field(None, description="why every vector was compared; null when an index was used")
    embed_ms: Amount | None = Field(None, description="of it, turning text into a vector, in milliseconds")
    search_ms: Amount | None = Field(None, description="of it, in the vector store, in milliseconds")
    rerank_ms: Amount | None = Field(None, description="of it, re-ranking, in milliseconds")
    query: Line | None = Field(None, description="the query's text, cut or hashed; never more than its beginning")


class SearchFailed(Message):
    """A vector search gave no results, but an exception."""

    type: ClassVar[str] = "search_failed"

    query_id: Name = Field(description="the search; the same in all its messages")
    collection: Line = Field(description="what was searched; several collections are joined by commas")
    status: Literal["failed", "cancelled"] = Field(description="whether it failed, or its caller gave it up")
    stage: Literal["embedding", "searching", "reranking"] = Field(description="where")
    reason: Line = Field(description="the kind of the error; never its text, which may hold the query or a password")
    search_time_ms: Amount = Field(description="time until then, in milliseconds")
    query: Line | None = Field(None, description="the query's text, cut or hashed; never more than its beginning")
