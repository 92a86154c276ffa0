"""The Neo4j store, on a double that speaks Bolt; see tests/contract/test_graph_store.py for what runs on a server."""

from __future__ import annotations

import logging
import socket

import pytest

from integrations.rag_trainer.graphs.neo4j import GraphUnavailable, Neo4jGraphStore
from integrations.rag_trainer.results import Markup, Sequences, Work
from tests.neo4j_double import PASSWORD, USER, Neo4jDouble

EVIL = "'}) DETACH DELETE n //"
GRAPH = (
    Sequences(log="x", sequences=()),
    Markup(log="", works=(Work(id="w1", name=EVIL, start=0, end=1),), dependencies=(), entities=(), mermaid=""),
)


def test_names_are_parameters() -> None:
    """What a document says is never part of a statement; the constraints come first, once."""
    with Neo4jDouble() as double:
        store = Neo4jGraphStore(f"bolt://127.0.0.1:{double.port}", USER, PASSWORD, timeout=5)
        store.replace(EVIL, *GRAPH)
        store.replace(EVIL, *GRAPH)
        store.close()
    statements = [statement for statement, _ in double.sent]
    assert not any(EVIL in statement for statement in statements)
    assert sum("CREATE CONSTRAINT" in statement for statement in statements) == 2
    assert all("CONSTRAINT" in statement for statement in statements[:2])


def test_a_wrong_password_is_said_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the error, nor in the log, nor in the repr."""
    caplog.set_level(logging.DEBUG)
    with Neo4jDouble() as double:
        store = Neo4jGraphStore(f"bolt://127.0.0.1:{double.port}", USER, "a-wrong-secret", timeout=5)
        with pytest.raises(GraphUnavailable, match="refused the user or the password") as caught:
            store.replace("a", *GRAPH)
        store.close()
    assert "a-wrong-secret" not in f"{caught.value}{caught.value!r}{store!r}{vars(caught.value)}{caplog.text}"


def test_a_server_that_is_away_is_named() -> None:
    """With its address and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets it, and it refuses
        port = taken.getsockname()[1]
        store = Neo4jGraphStore(f"bolt://127.0.0.1:{port}", USER, PASSWORD, timeout=0.2)
        with pytest.raises(
            GraphUnavailable, match=rf"Neo4j at bolt://127.0.0.1:{port} can't be used .* embedded store"
        ):
            store.sequences("a")
        store.close()


@pytest.mark.parametrize("uri", ["", "http://x:1", "bolt://", "bolt://u:hush@x:7687"])
def test_addresses_that_are_refused(uri: str) -> None:
    """Without repeating them: there may be a password in it."""
    with pytest.raises(ValueError, match="expected Neo4j's address") as caught:
        Neo4jGraphStore(uri, USER, PASSWORD)
    assert "hush" not in str(caught.value)
