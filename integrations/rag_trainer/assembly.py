"""What a trainer stands on, put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.catching_up import catch_up
from integrations.rag_trainer.embedding.factory import make_embedder
from integrations.rag_trainer.graphs.embedded import EmbeddedGraphStore
from integrations.rag_trainer.handlers.handler import plugged_in
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.pipeline import AnyStage
from integrations.rag_trainer.ports import Embedder, GraphStore, Library, VectorStore
from integrations.rag_trainer.retrieval.searcher import Searcher
from integrations.rag_trainer.stages.candidates import CandidateExtraction
from integrations.rag_trainer.stages.chunking import Chunking
from integrations.rag_trainer.stages.duplicates import DuplicateChecking
from integrations.rag_trainer.stages.extraction import TextExtraction
from integrations.rag_trainer.stages.markup import WorkMarkup
from integrations.rag_trainer.stages.metadata import MetadataExtraction
from integrations.rag_trainer.stages.processing import TypeProcessing
from integrations.rag_trainer.stages.quality import QualityControl
from integrations.rag_trainer.stages.save_sequences import SaveSequences
from integrations.rag_trainer.stages.save_vectors import SaveVectors
from integrations.rag_trainer.stages.sequences import WorkSequences
from integrations.rag_trainer.stages.structure import StructuralAnalysis
from integrations.rag_trainer.stages.type_detection import TypeDetection
from integrations.rag_trainer.stages.validation import InitialValidation
from integrations.rag_trainer.vectors.factory import make_stores


@dataclass(slots=True)
class CurrentJob:
    """Which job is at work."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class Assembly:
    """The stages, the stores that they fill, and who answers questions from these.

    Attributes:
        stores: those beside the library.
        notes: what a job's first line says about the stores, such as where one is a fallback for another.
        job: is told which job is at work, for the documents' records.
        resources: closed, last one first, by `close`.
        catch_up: puts documents of the library into stores that lack them; returns how many.
    """

    stages: Sequence[AnyStage]
    library: Library
    stores: Sequence[VectorStore]
    graph: GraphStore
    ask: Callable[[Question], Answer]
    notes: tuple[str, ...] = ()
    job: CurrentJob = field(default_factory=CurrentJob)
    resources: ExitStack = field(default_factory=ExitStack)
    catch_up: Callable[[], int] = lambda: 0

    def remove(self, name: str) -> None:
        """Take a document out of every store; out of the library last, so that what fails can be done again."""
        self.graph.remove(name)
        for store in self.stores:
            store.remove(name)
        self.library.remove(name)

    def close(self) -> None:
        """Close everything, whatever one of it raises."""
        self.resources.close()


def assemble(options: TrainerOptions) -> Assembly:
    """Put everything together: opens files, makes those that aren't there, and loads the model (about a second).

    Raises:
        ValueError: an option is wrong, or needs an extra that isn't installed.
        Exception: what a store raises that can't be opened. What was opened before it is closed.
    """
    with ExitStack() as opened:
        library = SqliteLibrary(Path(options.library))
        opened.callback(library.close)
        graph, graph_note = _graph(options)
        opened.callback(graph.close)
        stores = make_stores(options, library)
        opened.callback(stores.close)
        embedder = make_embedder(options.embedding)
        opened.callback(embedder.close)
        job = CurrentJob()
        saving = SaveVectors(library, stores.written, time.time, lambda: job.id)
        return Assembly(
            stages=(*_first(options, library), *_middle(graph), Chunking(embedder, options.limits), saving),
            library=library,
            stores=stores.written,
            graph=graph,
            ask=_searcher(library, stores.searched, embedder).ask,
            notes=(graph_note, *stores.notes),
            job=job,
            resources=opened.pop_all(),
            catch_up=lambda: catch_up(library, stores.written),
        )


def _first(options: TrainerOptions, library: Library) -> Sequence[AnyStage]:
    """Make stages 1 to 5: who and what a document is."""
    return (
        InitialValidation(options.limits),
        DuplicateChecking(library.holder_of, options.limits),
        TextExtraction(options.limits, options.ocr),
        TypeDetection(),
        StructuralAnalysis(),
    )


def _middle(graph: GraphStore) -> Sequence[AnyStage]:
    """Make stages 6 to 12: works, facts, and what depends on what."""
    return (
        CandidateExtraction(),
        WorkMarkup(),
        MetadataExtraction(),
        QualityControl(),
        TypeProcessing(plugged_in()),
        WorkSequences(),
        SaveSequences(graph),
    )


def _graph(options: TrainerOptions) -> tuple[GraphStore, str]:
    neo4j = options.neo4j
    if not neo4j.uri:
        return EmbeddedGraphStore(options.graph), "Works go to a file, as no Neo4j is configured."
    password = neo4j.password.get_secret_value()
    # Only what is configured is loaded: the driver takes a tenth of a second.
    made = import_module("integrations.rag_trainer.graphs.neo4j").Neo4jGraphStore
    store: GraphStore = made(neo4j.uri, neo4j.user, password, database=neo4j.database, timeout=neo4j.timeout)
    return store, "Works go to Neo4j."


def _searcher(library: Library, store: VectorStore, embedder: Embedder) -> Searcher:
    return Searcher(library, store, embedder, time.monotonic)
