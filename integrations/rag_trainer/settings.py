"""A trainer's options: from the eight parameters that it always had, and as one word that tells settings apart."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import SecretStr

from integrations.rag_trainer.options import Neo4jOptions, QdrantOptions, TrainerOptions

PathLike: TypeAlias = str | os.PathLike[str]

STATE: Final = ".tocsin"
"""Folder below `base_dir` for whatever has no place of its own. Its name is hidden, so it is no folder of documents."""


def options_of(
    base_dir: PathLike,
    neo4j_uri: str | None = None,
    neo4j_user: str | None = None,
    neo4j_pass: str | None = None,
    qdrant_path: PathLike | None = None,
    faiss_path: PathLike | None = None,
    norms_db: PathLike | None = None,
    reports_dir: PathLike | None = None,
) -> TrainerOptions:
    """Make options; what isn't given lies in `.tocsin` below `base_dir`.

    Args:
        base_dir: folder with the documents.
        neo4j_uri: absent: the works' graph is kept in a file, `graph.sqlite`.
        neo4j_pass: there is no default.
        qdrant_path: folder for Qdrant's local mode, or the address (http or https) of a server; absent: no Qdrant.
        faiss_path: file of a FAISS index, or a folder for `index.faiss`; absent: no FAISS.
        norms_db: file of the library of documents, or a folder for `library.sqlite`.
        reports_dir: folder for one report per job.

    Raises:
        ValueError: `neo4j_uri` holds a user or password. Addresses are shown in logs and errors.
    """
    if "@" in (neo4j_uri or ""):
        raise ValueError("expected neo4j_uri without user and password; give them as neo4j_user and neo4j_pass")
    base = Path(base_dir).expanduser().absolute()
    library = _file(norms_db, "library.sqlite") or base / STATE / "library.sqlite"
    faiss = _file(faiss_path, "index.faiss")
    return TrainerOptions(
        base_dir=str(base),
        library=str(library),
        graph=str(library.with_name("graph.sqlite")),
        journal=str(library.with_name("journal.sqlite")),
        reports_dir=str(_absolute(reports_dir) or base / STATE / "reports"),
        faiss_path="" if faiss is None else str(faiss),
        qdrant=_qdrant(qdrant_path),
        neo4j=Neo4jOptions(uri=neo4j_uri or "", user=neo4j_user or "", password=SecretStr(neo4j_pass or "")),
    )


def settings_of(options: TrainerOptions) -> str:
    """Return a word that differs when stages of a document would make something else: model, limits, OCR."""
    embedding = options.embedding
    telling = {
        "provider": embedding.provider,
        "model": embedding.model,
        "base_url": embedding.base_url,
        "dimensions": embedding.dimensions,
        "max_tokens": embedding.max_tokens,
        "limits": options.limits.model_dump(),
        "ocr": options.ocr,
    }
    return hashlib.sha256(json.dumps(telling, sort_keys=True).encode()).hexdigest()[:16]


def _absolute(path: PathLike | None) -> Path | None:
    # An empty text means absent, as in a configuration file; as a path it would be the working folder.
    return Path(path).expanduser().absolute() if path is not None and os.fspath(path) else None


def _file(path: PathLike | None, name: str) -> Path | None:
    """Take a path for a file's, unless a folder is there or it has no ending."""
    given = _absolute(path)
    if given is None:
        return None
    return given / name if given.is_dir() or not given.suffix else given


def _qdrant(path: PathLike | None) -> QdrantOptions:
    if isinstance(path, str) and path.startswith(("http://", "https://")):
        return QdrantOptions(url=path)
    return QdrantOptions(path=str(_absolute(path) or ""))
