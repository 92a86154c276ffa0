"""What every `GraphStore` promises, on each implementation.

Neo4j is tried twice: on a double that speaks Bolt and executes the store's statements (tests/neo4j_double.py), always;
and on a server, where `TOCSIN_TEST_NEO4J` names one as `bolt://USER:PASSWORD@HOST:PORT`. Its database is written to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from integrations.rag_trainer.graphs.embedded import EmbeddedGraphStore
from integrations.rag_trainer.graphs.neo4j import Neo4jGraphStore
from integrations.rag_trainer.ports import GraphStore
from integrations.rag_trainer.results import Dependency, Entity, Markup, Sequences, Step, Work, WorkSequence
from tests.neo4j_double import PASSWORD, USER, Neo4jDouble

SERVER = os.environ.get("TOCSIN_TEST_NEO4J", "")

Open = Callable[[], GraphStore]


@pytest.fixture(params=["embedded", "neo4j_double", *(["neo4j_server"] if SERVER else [])])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same store as often as it is called."""
    with ExitStack() as stack:
        if request.param == "neo4j_double":
            port = stack.enter_context(Neo4jDouble()).port

        def opened() -> GraphStore:
            store: GraphStore
            if request.param == "embedded":
                store = EmbeddedGraphStore(tmp_path / "graphs" / "graph.sqlite3")
            elif request.param == "neo4j_double":
                store = Neo4jGraphStore(f"bolt://127.0.0.1:{port}", USER, PASSWORD, timeout=10)
            else:
                parts = urlsplit(SERVER)
                address = f"{parts.scheme}://{parts.hostname}:{parts.port}"
                store = Neo4jGraphStore(address, parts.username or "", parts.password or "", timeout=20)
            stack.callback(store.close)
            return store

        yield opened


@pytest.fixture
def store(open_store: Open) -> GraphStore:
    return open_store()


@pytest.fixture
def name() -> str:
    """A document that no other test of a shared server has."""
    return f"ппр/{uuid4()}.docx"


def graph(names: tuple[str, ...], log: str = "made") -> tuple[Sequences, Markup]:
    """A chain of works with these names."""
    works = tuple(Work(id=f"w{n}", name=name, start=n, end=n + 1, confidence=0.5) for n, name in enumerate(names, 1))
    edges = tuple(Dependency(before=a.id, after=b.id, rule="after_ru") for a, b in pairwise(works))
    steps = tuple(
        Step(
            work=work.id,
            name=work.name,
            order=order,
            depends_on=(f"w{order - 1}",) if order > 1 else (),
            duration_days=None if order > 1 else 2.5,
        )
        for order, work in enumerate(works, 1)
    )
    made = (WorkSequence(name=f"{names[0]} → {names[-1]}", steps=steps, priority=len(edges), quality=0.5),)
    markup = Markup(
        log="",
        works=works,
        dependencies=edges,
        entities=(Entity(kind="role", text="прораб", start=0, end=6),),
        mermaid="",
    )
    return Sequences(log=log, sequences=made if edges else ()), markup


CHAIN = graph(("Разработка грунта", 'Монтаж "А" \\ {$x}; DROP', "Pouring — 浇筑 😀"))


def test_what_was_put_in_comes_back(store: GraphStore, name: str) -> None:
    """All of it: order, dependencies, durations, signs of any kind."""
    assert store.replace(name, *CHAIN) == 3
    assert store.sequences(name) == CHAIN[0]


def test_it_is_there_for_whoever_opens_the_store_next(open_store: Open, name: str) -> None:
    """Another one, after the first was closed, reads the same."""
    first = open_store()
    first.replace(name, *CHAIN)
    first.close()
    assert open_store().sequences(name) == CHAIN[0]


def test_replacing_leaves_nothing_of_what_was_there(store: GraphStore, name: str) -> None:
    """Also when the new graph has fewer works; and doing it again changes nothing."""
    store.replace(name, *CHAIN)
    shorter = graph(("Снос", "Вывоз"), log="again")
    for _ in range(2):
        assert store.replace(name, *shorter) == 2
        assert store.sequences(name) == shorter[0]


def test_documents_dont_touch_each_other(store: GraphStore, name: str) -> None:
    """Works have the same ids in every document; replacing and removing one leaves the other."""
    other = graph(("Кладка", "Окраска"))
    store.replace(name, *CHAIN)
    store.replace(f"{name}2", *other)
    store.replace(name, *graph(("Снос", "Вывоз")))
    assert store.sequences(f"{name}2") == other[0]
    store.remove(name)
    assert store.sequences(name) is None
    assert store.sequences(f"{name}2") == other[0]


def test_a_document_without_works_is_there_all_the_same(store: GraphStore, name: str) -> None:
    """No works is a fact about a document; no document is another."""
    nothing = Sequences(log="0 sequences", sequences=())
    assert store.sequences(name) is None
    assert store.replace(name, nothing, Markup(log="", works=(), dependencies=(), entities=(), mermaid="")) == 0
    assert store.sequences(name) == nothing


def test_removing_what_isnt_there_is_no_error(store: GraphStore, name: str) -> None:
    """Removing is done when it is gone."""
    store.remove(name)
    store.replace(name, *CHAIN)
    store.remove(name)
    store.remove(name)
    assert store.sequences(name) is None


def test_a_graph_that_speaks_of_unknown_works_changes_nothing(store: GraphStore, name: str) -> None:
    """It is refused before anything is written, and what was there stays."""
    store.replace(name, *CHAIN)
    sequences, markup = graph(("Снос", "Вывоз"))
    with pytest.raises(ValueError, match="unknown ids, the first: 'w2'"):
        store.replace(name, sequences, markup.model_copy(update={"works": markup.works[:1]}))
    assert store.sequences(name) == CHAIN[0]
