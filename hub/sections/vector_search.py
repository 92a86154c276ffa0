"""The options of observed vector searches."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from hub.option_types import Count, Seconds, Section


class VectorSearchOptions(Section):
    """What searches that code in the hub's process has observed say on `vector_search`. Without such code, nothing."""

    progress: bool = Field(True, description="publish search_progress, too; search_completed and search_failed always")
    query_text: Literal["truncate", "hash", "omit"] = Field(
        "truncate",
        description="what goes out of a query's text: its beginning, a keyed hash by which equal ones are recognised, "
        "or nothing",
    )
    query_length: int = Field(50, ge=1, le=1_000, description="characters that truncate leaves")
    query_key: SecretStr = Field(
        SecretStr(""),
        description="key of the hash, for one that is the same in all processes; empty: a random one in each. Better "
        "given by TOCSIN_VECTOR_SEARCH__QUERY_KEY or query_key_file",
    )
    query_key_file: str = Field("", description="file that holds it")
    recall_share: float = Field(
        0.02,
        ge=0,
        le=1,
        description="share of the searches with an index whose recall is measured; each costs an exact search in the "
        "background; 0 turns it off",
    )
    recall_window: int = Field(
        500, ge=1, le=100_000, description="newest samples that an estimate of recall is made of"
    )
    recall_min_samples: int = Field(
        30, ge=1, description="samples below which there is no estimate", validate_default=True
    )
    recall_queue: int = Field(16, ge=1, description="searches that may wait to be measured; more are not, and counted")
    recall_timeout: float = Field(30.0, gt=0, description="seconds that one measurement may take")
    recall_kinds: int = Field(
        200, ge=1, description="kinds of searches (collection, ef_search, size, filter) of which samples are kept"
    )
    latency_window: int = Field(
        1_000, ge=1, le=1_000_000, description="newest searches of a collection that its quantiles are of"
    )
    collections: Count = Field(
        100, description="collections that have metrics of their own; all further ones share theirs; 0: none has"
    )
    count_interval: Seconds = Field(
        60.0, description="seconds between two counts of the vectors in the collections that are searched; 0: never"
    )

    @field_validator("recall_min_samples", mode="after")
    @classmethod
    def _reachable(cls, samples: int, info: ValidationInfo) -> int:
        window = info.data.get("recall_window", samples)
        if samples > window:
            raise ValueError(f"expected at most recall_window, which is {window}: there would never be an estimate")
        return samples
