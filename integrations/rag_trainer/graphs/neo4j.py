"""The graph store in Neo4j 5, by its official driver: nodes for works, `DEPENDS_ON` between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, TypeVar
from urllib.parse import urlsplit

from neo4j import Driver, GraphDatabase, ManagedTransaction, unit_of_work
from neo4j.exceptions import AuthError, DriverError, Neo4jError, ServiceUnavailable

from integrations.rag_trainer.graphs import cypher
from integrations.rag_trainer.graphs.checks import check
from integrations.rag_trainer.results import Markup, Sequences, Step, WorkSequence

T = TypeVar("T")


class GraphUnavailable(ConnectionError):
    """Neo4j is away, or refuses; the text says which and what to do, and has no password in it."""


class Neo4jGraphStore:
    """Works of all documents in a Neo4j database, under labels of our own (`Tocsin...`).

    A document is replaced in one transaction. Nothing is connected before the first call.

    Args:
        uri: such as `bolt://127.0.0.1:7687`, without user and password.
        database: its name.
        timeout: seconds for one transaction, and for a connection; what may be tried again is, as long as that.

    Raises:
        ValueError: the address is none of Neo4j's, or has a password in it.
    """

    name = "neo4j"

    def __init__(self, uri: str, user: str, password: str, *, database: str = "neo4j", timeout: float = 30.0) -> None:
        self._uri, self._database, self._timeout = _checked(uri), database, timeout
        self._driver: Driver = GraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_timeout=timeout,
            max_transaction_retry_time=timeout,
            connection_acquisition_timeout=2 * timeout,
        )
        self._constrained = False

    def __repr__(self) -> str:
        return f"Neo4jGraphStore({self._uri!r}, database={self._database!r})"

    def replace(self, document: str, sequences: Sequences, markup: Markup) -> int:
        """Have exactly this graph for a document, as a whole or not at all; return how many works were written.

        Raises:
            ValueError: see `checks.check`.
            GraphUnavailable: Neo4j can't be reached or refuses.
        """
        check(sequences, markup)
        rows = _rows(document, sequences, markup)

        def write(transaction: ManagedTransaction) -> None:
            transaction.run(cypher.DOCUMENT, document=document, log=sequences.log).consume()
            transaction.run(cypher.CLEAR, document=document).consume()
            for statement, values in rows.items():
                if values:
                    transaction.run(statement, document=document, rows=values).consume()

        self._write(write)
        return len(markup.works)

    def remove(self, document: str) -> None:
        """Take a document's graph out.

        Raises:
            GraphUnavailable: Neo4j can't be reached or refuses.
        """

        def write(transaction: ManagedTransaction) -> None:
            transaction.run(cypher.CLEAR, document=document).consume()
            transaction.run(cypher.REMOVE, document=document).consume()

        self._write(write)

    def sequences(self, document: str) -> Sequences | None:
        """Read a document's sequences back; `None`: there is no such document.

        Raises:
            GraphUnavailable: Neo4j can't be reached or refuses.
        """

        def read(transaction: ManagedTransaction) -> Sequences | None:
            found = transaction.run(cypher.READ_DOCUMENT, document=document).data()
            if not found:
                return None
            steps = transaction.run(cypher.READ_STEPS, document=document).data()
            groups = groupby(steps, key=lambda step: step["rank"])
            return Sequences(log=found[0]["log"], sequences=tuple(_sequence(list(group)) for _, group in groups))

        with self._said(), self._driver.session(database=self._database) as session:
            return session.execute_read(unit_of_work(timeout=self._timeout)(read))

    def close(self) -> None:
        """Close its connections."""
        self._driver.close()

    def _write(self, work: Callable[[ManagedTransaction], T]) -> T:
        with self._said(), self._driver.session(database=self._database) as session:
            if not self._constrained:
                for statement in (cypher.DOCUMENT_ID, cypher.WORK_ID):
                    session.run(statement).consume()
                self._constrained = True
            return session.execute_write(unit_of_work(timeout=self._timeout)(work))

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except AuthError as error:
            remedy = "check rag_trainer.neo4j.user and password"
            raise GraphUnavailable(f"Neo4j at {self._uri} refused the user or the password; {remedy}") from error
        except (ServiceUnavailable, DriverError) as error:
            remedy = "start it, or leave its uri empty for the embedded store"
            raise GraphUnavailable(
                f"Neo4j at {self._uri} can't be used ({' '.join(str(error).split())}); {remedy}"
            ) from error
        except Neo4jError as error:
            raise GraphUnavailable(f"Neo4j at {self._uri} refused: {error.code}: {error.message}") from error


def _checked(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.scheme not in ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc") or not parts.hostname:
        raise ValueError("expected Neo4j's address, such as bolt://127.0.0.1:7687; got another kind of address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("expected Neo4j's address without user and password, which are options of their own")
    return uri


def _rows(document: str, sequences: Sequences, markup: Markup) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each statement, in the order in which they are sent."""

    def uid(work: str) -> str:
        return f"{document}\n{work}"

    works = [work.model_dump(exclude={"section"}) | {"uid": uid(work.id)} for work in markup.works]
    edges = {(edge.after, edge.before): edge for edge in reversed(markup.dependencies)}
    dependencies = [
        {"after": uid(after), "before": uid(before), "rule": edge.rule, "confidence": edge.confidence}
        for (after, before), edge in edges.items()
    ]
    return {
        cypher.WORKS: works,
        cypher.DEPENDENCIES: dependencies,
        cypher.ENTITIES: [entity.model_dump() for entity in markup.entities],
        cypher.SEQUENCES: [
            {
                "rank": rank,
                **sequence.model_dump(include={"name", "priority", "quality"}),
                "steps": [
                    {
                        "uid": uid(step.work),
                        "place": step.order,
                        "name": step.name,
                        "depends_on": list(step.depends_on),
                        "duration_days": step.duration_days,
                    }
                    for step in sequence.steps
                ],
            }
            for rank, sequence in enumerate(sequences.sequences)
        ],
    }


def _sequence(rows: Sequence[Mapping[str, Any]]) -> WorkSequence:
    first = rows[0]
    steps = tuple(
        Step(
            work=row["work"],
            name=row["name"],
            order=row["place"],
            depends_on=tuple(row["depends_on"]),
            duration_days=row["duration_days"],
        )
        for row in rows
    )
    return WorkSequence(name=first["sequence"], steps=steps, priority=first["priority"], quality=first["quality"])
