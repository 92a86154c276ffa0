"""What a trainer stands on, as data: it is handed to worker processes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from integrations.rag_trainer.limits import Limits


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EmbeddingOptions(_Options):
    """The model that makes vectors: one on this machine, or an OpenAI-compatible endpoint."""

    provider: Literal["local", "openai"] = "local"
    model: str = Field("", description="its name; empty: the provider's default")
    base_url: str = Field("", description="of the endpoint, up to and with /v1")
    api_key: SecretStr = SecretStr("")
    dimensions: int | None = Field(None, ge=1, description="length of vectors to ask the endpoint for")
    max_tokens: int = Field(8_000, ge=16, description="tokens that the endpoint's model takes into account")
    timeout: float = Field(60.0, gt=0, description="seconds for one request")
    threads: int = Field(1, ge=1, description="threads of the local model")


class QdrantOptions(_Options):
    """A Qdrant server, or a folder for its local mode."""

    url: str = ""
    path: str = ""
    api_key: SecretStr = SecretStr("")
    collection: str = "tocsin_documents"
    timeout: float = Field(30.0, gt=0, description="seconds for one request")


class Neo4jOptions(_Options):
    """A Neo4j server."""

    uri: str = ""
    user: str = ""
    password: SecretStr = SecretStr("")
    database: str = "neo4j"
    timeout: float = Field(30.0, gt=0, description="seconds for one transaction, retries included")


class TrainerOptions(_Options):
    """All of a trainer.

    Attributes:
        base_dir: folder that holds the documents.
        library: file that holds the library: documents, chunks, words, vectors.
        graph: file that holds the embedded graph store; used when no Neo4j is configured.
        journal: file that holds what unfinished jobs have done.
        reports_dir: folder for one report per job; empty: none.
        faiss_path: file of a FAISS index; empty: none.
        pgvector_dsn: PostgreSQL with pgvector; empty: none.
        pgvector_schema: schema for its table, made when it isn't there.
        pgvector_timeout: seconds for connecting to it, and for each statement.
        search: the vector store that questions go to; empty: the first there is of qdrant, pgvector, faiss, embedded.
    """

    base_dir: str
    library: str
    graph: str
    journal: str
    reports_dir: str = ""
    faiss_path: str = ""
    pgvector_dsn: SecretStr = SecretStr("")
    pgvector_schema: str = "tocsin_documents"
    pgvector_timeout: float = Field(30.0, gt=0)
    search: Literal["", "embedded", "qdrant", "faiss", "pgvector"] = ""
    embedding: EmbeddingOptions = EmbeddingOptions()
    qdrant: QdrantOptions = QdrantOptions()
    neo4j: Neo4jOptions = Neo4jOptions()
    limits: Limits = Limits()
    ocr: bool = Field(False, description="read images and scanned pages (extra `ocr`)")
    files: int = Field(100_000, ge=1, description="files below a folder that are looked at")
    waiting_updates: int = Field(10_000, ge=1, description="updates that may wait for one slow receiver")
    update_patience: float = Field(2.0, ge=0, description="seconds that a job's end waits for slow receivers")
