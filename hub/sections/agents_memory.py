"""The options of what agents remember, and of how it is found."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from hub.option_types import Endpoint, Secret, Section


class EmbeddingSection(Section):
    """The model that turns memories into vectors. Without one they are found by their words alone."""

    provider: Literal["auto", "local", "openai", "none"] = Field(
        "auto",
        description="local: on this machine (extra `rag`), nothing is downloaded; openai: any endpoint that speaks "
        "OpenAI's API; auto: local when the extra is installed, else none",
    )
    model: str = Field(
        "",
        description="its name; empty: the local one for English and 15 more languages",
        examples=["text-embedding-3-small"],
    )
    base_url: Endpoint = Field(
        "", description="of the endpoint, up to and with /v1", examples=["https://api.openai.com/v1"]
    )
    api_key: Secret = Field(
        SecretStr(""), description="better given by TOCSIN_AGENTS__EMBEDDING__API_KEY or api_key_file"
    )
    api_key_file: str = Field("", description="file that holds the key")
    dimensions: int = Field(0, ge=0, le=16_000, description="length of vectors to ask the endpoint for; 0: its own")
    timeout: float = Field(30.0, gt=0, description="seconds for one request to the endpoint")
    threads: int = Field(1, ge=1, le=64, description="threads of the local model, in each process")
    batch: int = Field(16, ge=1, le=64, description="memories that are embedded at once")
    retry: float = Field(
        2.0, gt=0, description="seconds until what failed is tried again; each time twice as long, up to retry_most"
    )
    retry_most: float = Field(600.0, gt=0, description="seconds between two attempts at most")
    lease: float = Field(
        300.0, gt=0, description="seconds after which a batch of a process that died is taken by another one"
    )
    upkeep: float = Field(
        10.0, gt=0, description="seconds between two looks for what is to embed or to remove, when nobody says so"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.provider == "openai" and not (self.base_url and self.model):
            raise ValueError("provider: openai needs base_url and model")
        return self


class VectorsSection(Section):
    """Where the vectors of memories are."""

    store: Literal["pgvector", "qdrant"] = Field(
        "pgvector", description="pgvector: in the hub's database, by the extension of that name; qdrant: in a server"
    )
    qdrant_url: Endpoint = Field("", description="of the Qdrant server", examples=["http://127.0.0.1:6333"])
    qdrant_api_key: Secret = Field(
        SecretStr(""), description="better given by TOCSIN_AGENTS__VECTORS__QDRANT_API_KEY or qdrant_api_key_file"
    )
    qdrant_api_key_file: str = Field("", description="file that holds the key")
    qdrant_prefix: str = Field(
        "tocsin_memories",
        pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,99}$",
        description="how the names of its collections begin; hubs that share a server need different ones",
    )
    qdrant_timeout: float = Field(10.0, gt=0, description="seconds for one request to Qdrant")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.store == "qdrant" and not self.qdrant_url:
            raise ValueError("store: qdrant needs qdrant_url")
        return self


class MemorySection(Section):
    """What agents remember."""

    limit: int = Field(10_000, ge=10, description="memories of one agent")
    warning: float = Field(
        0.8, gt=0, le=1, description="part of the limit from which on its user is warned that the oldest go soon"
    )
    pruned: float = Field(
        0.2, gt=0, le=1, description="part of the limit that goes at once when it is reached: the oldest, none pinned"
    )
    part_bytes: int = Field(
        4_000, ge=200, le=16_000, description="longest memory, in bytes; a longer exchange becomes several"
    )
    parts: int = Field(8, ge=1, le=100, description="memories that one exchange becomes at most")
    patience: float = Field(
        3.0, gt=0, description="seconds that a search waits for vectors; then it answers with what words found"
    )
    counts_interval: float = Field(
        10.0, gt=0, description="seconds that the numbers on the channel memory_updates are of, at least"
    )
