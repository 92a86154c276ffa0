"""The vector stores that the options name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.ports import VectorStore
from integrations.rag_trainer.vectors.embedded import EmbeddedVectors
from integrations.rag_trainer.vectors.stores import Stores

_ORDER: Final = ("qdrant", "pgvector", "faiss", "embedded")


def make_stores(options: TrainerOptions, library: SqliteLibrary) -> Stores:
    """Make every configured store. All are written; questions go to `options.search`, or to the first there is of
    Qdrant, pgvector, FAISS and the embedded one.

    Raises:
        ValueError: `search` names a store that isn't configured, an address isn't one, or an extra isn't installed.
        Exception: what Qdrant's client raises when the server can't be reached, or another process has the folder.
    """
    configured = {"embedded"}
    if options.qdrant.url or options.qdrant.path:
        configured.add("qdrant")
    if options.faiss_path:
        configured.add("faiss")
    dsn = options.pgvector_dsn.get_secret_value()
    if dsn:
        configured.add("pgvector")
    searched = options.search or next(name for name in _ORDER if name in configured)
    if searched not in configured:
        raise ValueError(
            f"expected search to name a store that is configured ({', '.join(sorted(configured))}), got {searched}"
        )
    stores: dict[str, VectorStore] = {"embedded": EmbeddedVectors(library)}
    if "faiss" in configured:
        stores["faiss"] = _of("faiss", "FaissVectors")(Path(options.faiss_path), library)
    if "pgvector" in configured:
        stores["pgvector"] = _of("pgvector", "PgVectors")(dsn, options.pgvector_schema, options.pgvector_timeout)
    if "qdrant" in configured:
        stores["qdrant"] = _of("qdrant", "open_qdrant")(options.qdrant)
    written = tuple(store for name, store in stores.items() if name != "embedded")
    where = ", ".join(("the library", *(store.name for store in written)))
    asked = "the library" if searched == "embedded" else searched
    return Stores(written, stores[searched], (f"Vectors go to {where}; questions go to {asked}.",))


def _of(module: str, name: str) -> Callable[..., VectorStore]:
    # Only what is configured is loaded: FAISS is an extra, and Qdrant's client takes more than a second.
    try:
        made: Callable[..., VectorStore] = getattr(import_module(f"integrations.rag_trainer.vectors.{module}"), name)
    except ModuleNotFoundError as error:
        raise ValueError(f"expected the package {error.name} for {module}; install the extra `{module}`") from error
    return made
