"""What requests to the RAG trainer carry, and what it answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from hub.descriptions import Described, Missing, Node, Partial, Timestamp
from hub.http.api.bodies import Body, Query

Number = Annotated[int, Field(ge=0)]
Path = Annotated[str, Field(min_length=1, max_length=4096)]
Names = Annotated[list[Annotated[str, Field(max_length=1_000)]], Field(max_length=100)]


class TrainBody(Body):
    """What is to be trained; without a body, the folder of the documents."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"folder": "/srv/documents", "files": ["norms.pdf"]}]})

    folder: Path | None = Field(
        None, description="under rag_trainer.documents or rag_trainer.roots; absolute, or below rag_trainer.documents"
    )
    files: Annotated[list[Path], Field(min_length=1)] | None = Field(
        None, description="only these, by their paths below the folder; at most rag_trainer.max_files"
    )


class QueryBody(Body):
    """A question to the library. `question` and `query` are other names of `text`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "How is concrete cured in winter?"}]})

    text: str = Field(min_length=1, max_length=4_000, pattern=r"\S", description="of more than blanks")
    limit: int = Field(5, ge=1, le=50, description="passages at most")
    mode: Literal["hybrid", "dense", "lexical"] = Field("hybrid", description="how passages are looked for")
    rerank: bool = Field(True, description="put the best candidates into a better order")
    names: Names = Field([], description="only in these documents")
    types: Names = Field([], description="only in documents of these types, such as norms")
    subtypes: Names = Field([], description="only of these subtypes, such as gost")
    designations: Names = Field([], description="only in documents with one of these official numbers")
    languages: Names = Field([], description="only in these languages: ru, en")

    @model_validator(mode="before")
    @classmethod
    def _earlier_names(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        given = [name for name in ("text", "question", "query") if name in value]
        if len(given) > 1:
            raise ValueError("give one of text, question and query")
        return {"text" if name in given else name: item for name, item in value.items()}


class FilesQuery(Query):
    """Which files of a training."""

    limit: int = Field(100, ge=0, le=1000, description="files at most")
    offset: int = Field(0, ge=0, description="files to leave out at the beginning")


class DocumentState(Described):
    """How a document fares."""

    index: Number
    name: str
    state: Literal["running", "trained", "skipped", "failed", "cancelled"]
    stage: Number = Field(description="the newest stage it was in, of 14")
    stage_name: str
    progress: int = Field(ge=0, le=100, description="in %, of this document")
    reason: str | None = Field(None, description="a word for why it was skipped or failed")
    text: str = Field(description="what the newest stage says")
    type: str | None = None
    chunks: Number
    replaced: Number = Field(description="points of an earlier version that are gone")
    quality: int | None = None
    seconds: float = Field(ge=0)


class TrainingState(Described):
    """A training."""

    id: str
    node: Node
    folder: str
    state: Literal["queued", "running", "completed", "failed", "cancelled"]
    cancelling: bool = Field(description="it ends as soon as the stage it is in does")
    created: Timestamp
    started: Timestamp | None = None
    ended: Timestamp | None = None
    queue_position: Number | None = Field(None, description="trainings that run before it, while it waits")
    files_total: Number = Field(description="0 while that isn't known")
    trained: Number
    skipped: Number
    failed: Number
    chunks: Number = Field(description="chunks of trained documents, at the end")
    progress: float = Field(ge=0, le=100, description="in %; never falls")
    reason: str | None = Field(None, description="why it failed, or was cancelled")
    last_update: dict[str, Any] | None = Field(None, description="its newest `stage_update`")
    files: list[DocumentState] | None = Field(None, description="documents that were begun, a page of them")


class AcceptedTraining(TrainingState):
    """A training that was taken and isn't done yet."""

    @property
    def http_status(self) -> int:
        """202: accepted."""
        return 202


class TrainingList(Described):
    """Trainings, the newest first."""

    trainings: list[TrainingState]
    missing: Missing = None
    partial: Partial = None


class PassageFound(Described):
    """A passage, and where it stands."""

    id: str
    document: str
    title: str
    type: str
    designation: str | None = None
    path: list[str] = Field(description="headings above it")
    page: int | None = None
    start: Number = Field(description="where it begins, in characters of the document's text")
    end: Number
    text: str
    score: float = Field(description="for comparing passages of one answer only")
    dense_rank: int | None = None
    lexical_rank: int | None = None


class LibraryAnswer(Described):
    """Passages, the best first."""

    question: str
    mode: Literal["hybrid", "dense", "lexical"]
    passages: list[PassageFound]
    timings_ms: dict[str, float] = Field(description="by step")
    documents: Number = Field(description="documents in the library")
    chunks: Number = Field(description="chunks in the library")
    notes: list[str] = Field(description="what wasn't done, and why")


def state_of(job: dict[str, Any]) -> TrainingState:
    """Return a job as it is answered."""
    return TrainingState(**_typed(job))


def accepted(job: dict[str, Any]) -> AcceptedTraining:
    """Return a job that was taken as it is answered."""
    return AcceptedTraining(**_typed(job))


def _typed(job: dict[str, Any]) -> dict[str, Any]:
    if "files" not in job:
        return job
    return {**job, "files": [DocumentState(**row) for row in job["files"]]}
