"""The options of the RAG trainer."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, SecretStr

from hub.option_types import ChannelName, Count, Endpoint, Folder, OptionalFolder, Seconds, Secret, Section

CHANNEL_DEFAULTS: Final[dict[str, Any]] = {
    "history_size": 1_000,
    "history_age": 86_400.0,
    "rewind": 1,
    "inline": True,
}
"""What the channel of the trainer has unless `channels.named` says otherwise: a day of it can be read again, who comes
late gets the newest update first, and its fields also stand at the top of a message."""


def _graph_server(text: str) -> str:
    schemes = ("bolt://", "bolt+s://", "bolt+ssc://", "neo4j://", "neo4j+s://", "neo4j+ssc://")
    if text and not text.startswith(schemes):
        raise ValueError(f"expected an address that begins with one of {', '.join(schemes)}")
    if "@" in text:
        raise ValueError("may hold no user or password; those are rag_trainer.neo4j.user and password_file")
    return text


class EmbeddingSection(Section):
    """The model that makes vectors."""

    provider: Literal["local", "openai"] = Field(
        "local", description="local: on this machine; openai: an OpenAI-compatible endpoint"
    )
    model: str = Field("", description="its name; empty: the provider's default")
    base_url: Endpoint = Field("", description="of the endpoint, up to and with /v1")
    api_key: Secret = Field(
        SecretStr(""), description="better given by TOCSIN_RAG_TRAINER__EMBEDDING__API_KEY or api_key_file"
    )
    api_key_file: str = Field("", description="file that holds the key")
    dimensions: Count = Field(0, description="length of vectors to ask the endpoint for; 0: as the model has them")
    max_tokens: int = Field(8_000, ge=16, description="tokens that the endpoint's model takes into account")
    timeout: float = Field(60.0, gt=0, description="seconds for one request")
    threads: int = Field(1, ge=1, le=256, description="threads of the local model")


class QdrantSection(Section):
    """Qdrant, which gets the vectors beside the library."""

    url: Endpoint = Field("", description="a server; empty: none", examples=["http://127.0.0.1:6333"])
    path: OptionalFolder = Field("", description="folder of its local mode, in place of a server")
    api_key: Secret = Field(
        SecretStr(""), description="better given by TOCSIN_RAG_TRAINER__QDRANT__API_KEY or api_key_file"
    )
    api_key_file: str = Field("", description="file that holds the key")
    collection: str = Field("tocsin_documents", min_length=1, max_length=255, description="name of the collection")
    timeout: float = Field(30.0, gt=0, description="seconds for one request")


class Neo4jSection(Section):
    """Neo4j, which gets the graph of works in place of the embedded store."""

    uri: Annotated[str, AfterValidator(_graph_server)] = Field(
        "", description="a server; empty: none", examples=["neo4j://127.0.0.1:7687"]
    )
    user: str = Field("", description="its user", examples=["tocsin"])
    password: Secret = Field(
        SecretStr(""), description="better given by TOCSIN_RAG_TRAINER__NEO4J__PASSWORD or password_file"
    )
    password_file: str = Field("", description="file that holds the password", examples=["/run/secrets/neo4j-password"])
    database: str = Field("neo4j", min_length=1, description="name of the database")
    timeout: float = Field(30.0, gt=0, description="seconds for one transaction, further attempts included")


class DocumentLimits(Section):
    """What one document may be and take; going over it fails that document, and no other."""

    file_bytes: int = Field(100 << 20, ge=1, description="longest file, in bytes")
    unpacked_bytes: int = Field(
        200 << 20, ge=1, description="bytes that a compressed document (docx, xlsx, pdf) may unpack to"
    )
    text_chars: int = Field(20_000_000, ge=1, description="characters of text taken out of a document")
    min_text_chars: int = Field(10, ge=1, description="characters below which a document counts as without text")
    pages: int = Field(10_000, ge=1, description="pages of a PDF, or rows of a sheet divided by 100")
    chunks: int = Field(50_000, ge=1, description="chunks of a document")
    chunk_tokens: int = Field(220, ge=16, le=8_192, description="tokens of a chunk, headings included")
    overlap_tokens: Count = Field(30, description="tokens that two chunks of one section share")


class RagTrainerOptions(Section):
    """The RAG trainer: documents go through fourteen stages into an index that can be asked."""

    enabled: bool = Field(False, description='serve POST /train and POST /query; needs the extra `rag` ("tocsin[rag]")')
    folder: OptionalFolder = Field(
        "",
        description="folder of the library, jobs, uploads and reports; empty: rag under $XDG_STATE_HOME/tocsin. The "
        "processes of a hub share it",
    )
    documents: OptionalFolder = Field(
        "",
        description="folder that POST /train without a body trains, made when it isn't there; empty: documents in "
        "`folder`",
    )
    roots: tuple[Folder, ...] = Field(
        (),
        description="further folders under which documents may be trained, symbolic links followed",
        examples=[["/srv/documents"]],
    )
    channel: ChannelName = Field("training", description="channel of its updates")
    greet: bool = Field(
        True,
        description="subscribe WebSocket and Socket.IO clients to the channel when they connect, as far as allowed",
    )
    queue: int = Field(20, ge=1, le=10_000, description="jobs that may wait; more are refused")
    kept_jobs: int = Field(50, ge=1, le=10_000, description="jobs that are over and can still be asked for")
    kept_files: int = Field(10_000, ge=1, description="files of a job whose state is kept; further ones are counted")
    max_files: int = Field(1_000, ge=1, description="files that one request may name")
    timeout: Seconds = Field(86_400.0, description="seconds that one job may take; 0 is no limit")
    cancel_timeout: float = Field(
        30.0, gt=0, description="seconds that a cancelled job has for the stage it is in; then its process is killed"
    )
    stop_timeout: Seconds = Field(
        2.0, description="seconds that the stage under way has when the hub stops; the job goes on at the next start"
    )
    worker_memory: int = Field(
        4 << 30,
        ge=0,
        description="bytes of memory that the training process may hold; over it, the document it is at fails and the "
        "job goes on; 0 is no limit",
    )
    worker_deaths: Count = Field(
        20,
        description="times that the process of one job may die; a document in which it dies twice fails, and the job "
        "goes on",
    )
    upload_bytes: int = Field(512 << 20, ge=1, description="bytes of all files of one upload")
    upload_files: int = Field(200, ge=1, description="files of one upload")
    uploads: int = Field(4, ge=1, description="uploads at once in each process; more are refused")
    upload_timeout: float = Field(30.0, gt=0, description="seconds without a byte after which an upload is given up")
    query_timeout: float = Field(
        60.0, gt=0, description="seconds that one question may take, loading the model included"
    )
    query_queue: int = Field(32, ge=1, description="questions that may wait in each process; more are refused")
    query_idle: float = Field(
        300.0, gt=0, description="seconds after the last question after which the process that answers ends"
    )
    nice: int = Field(10, ge=0, le=19, description="by how much training gives way to other processes")
    search: Literal["", "embedded", "qdrant", "faiss", "pgvector"] = Field(
        "",
        description="vector store that questions go to; empty: the first there is of qdrant, pgvector, faiss, embedded",
    )
    faiss: bool = Field(False, description="write a FAISS index into the folder, too (extra `faiss`)")
    pgvector_dsn: Secret = Field(
        SecretStr(""),
        description="PostgreSQL with pgvector, which gets the vectors beside the library; better given by "
        "TOCSIN_RAG_TRAINER__PGVECTOR_DSN or pgvector_dsn_file",
    )
    pgvector_dsn_file: str = Field("", description="file that holds the DSN")
    pgvector_schema: str = Field(
        "tocsin_documents",
        pattern="^[a-z_][a-z0-9_]{0,62}$",
        description="PostgreSQL schema for the vectors, made when it isn't there",
    )
    pgvector_timeout: float = Field(
        30.0, gt=0, description="seconds for connecting to PostgreSQL with pgvector, and for each statement"
    )
    ocr: bool = Field(False, description="read images and scanned pages (extra `ocr`, and Tesseract)")
    embedding: EmbeddingSection = Field(EmbeddingSection(), description="the model that makes vectors")
    qdrant: QdrantSection = Field(QdrantSection(), description="Qdrant")
    neo4j: Neo4jSection = Field(Neo4jSection(), description="Neo4j")
    limits: DocumentLimits = Field(DocumentLimits(), description="bounds on one document")

    def complaints(self) -> list[str]:
        """Check options against each other; return what is wrong."""
        found = []
        if self.embedding.provider == "openai" and not (self.embedding.base_url and self.embedding.model):
            found.append("rag_trainer.embedding.provider: openai needs embedding.base_url and embedding.model")
        if self.qdrant.url and self.qdrant.path:
            found.append("rag_trainer.qdrant: give url or path, not both")
        if self.neo4j.uri and not (self.neo4j.user and self.neo4j.password.get_secret_value()):
            found.append("rag_trainer.neo4j.uri: needs neo4j.user, and neo4j.password or password_file")
        has = {
            "qdrant": bool(self.qdrant.url or self.qdrant.path),
            "faiss": self.faiss,
            "pgvector": bool(self.pgvector_dsn.get_secret_value()),
        }
        if not has.get(self.search, True):
            found.append(f"rag_trainer.search: is {self.search}, which isn't configured")
        if self.limits.overlap_tokens >= self.limits.chunk_tokens:
            found.append("rag_trainer.limits.overlap_tokens: expected less than chunk_tokens")
        return found
