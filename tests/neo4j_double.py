"""A double of a Neo4j server: a real socket that speaks Bolt 5.0 to the official driver, and executes exactly the
statements of `integrations.rag_trainer.graphs.cypher` on a graph in memory. Anything else is a syntax error.

It shows that the store and the driver get on, and what the store sends. That the statements mean in Neo4j what they
mean here is shown only by running tests/contract/test_graph_store.py with `TOCSIN_TEST_NEO4J`.
"""

from __future__ import annotations

import copy
import socketserver
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final

from integrations.rag_trainer.graphs import cypher

USER: Final = "neo4j"
PASSWORD: Final = "a-password-of-tests"

Row = dict[str, Any]


@dataclass
class Graph:
    """Documents by name, with the rows that the statements gave them."""

    documents: dict[str, Row] = field(default_factory=dict)

    def run(self, statement: str, values: Row) -> tuple[list[str], list[list[Any]]]:
        """Execute a statement; return the names of its columns and its rows."""
        if statement in (cypher.DOCUMENT_ID, cypher.WORK_ID):
            return [], []
        document = self.documents.get(values["document"])
        if statement == cypher.DOCUMENT:
            self.documents.setdefault(values["document"], {})["log"] = values["log"]
        elif statement == cypher.CLEAR:
            if document is not None:
                self.documents[values["document"]] = {"log": document["log"]}
        elif statement == cypher.REMOVE:
            self.documents.pop(values["document"], None)
        elif statement in (cypher.WORKS, cypher.DEPENDENCIES, cypher.ENTITIES, cypher.SEQUENCES):
            assert document is not None
            document[statement] = values["rows"]
        elif statement == cypher.READ_DOCUMENT:
            return ["log"], [] if document is None else [[document["log"]]]
        elif statement == cypher.READ_STEPS:
            return _steps(document or {})
        else:
            raise SyntaxError(statement)
        return [], []


def _steps(document: Row) -> tuple[list[str], list[list[Any]]]:
    ids = {work["uid"]: work["id"] for work in document.get(cypher.WORKS, [])}
    names = ["rank", "sequence", "priority", "quality", "work", "name", "place", "depends_on", "duration_days"]
    rows = [
        [
            s["rank"],
            s["name"],
            s["priority"],
            s["quality"],
            ids[t["uid"]],
            t["name"],
            t["place"],
            t["depends_on"],
            t["duration_days"],
        ]
        for s in document.get(cypher.SEQUENCES, [])
        for t in s["steps"]
    ]
    return names, sorted(rows, key=lambda row: (row[0], row[6]))


class Neo4jDouble:
    """Serves until the context ends.

    Attributes:
        graph: what was committed.
        sent: statements and their parameters, as they came.
    """

    def __init__(self) -> None:
        self.graph = Graph()
        self.sent: list[tuple[str, Row]] = []
        self.lock = threading.Lock()
        double = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    _Connection(self.request, double).serve()
                except ConnectionError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Neo4jDouble:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Connection:
    def __init__(self, socket: Any, double: Neo4jDouble) -> None:
        self._socket, self._double = socket, double
        self._graph: Graph | None = None
        self._rows: list[list[Any]] = []
        self._failed = False

    def serve(self) -> None:
        assert self._exactly(4) == b"\x60\x60\xb0\x17"
        self._exactly(16)
        self._socket.sendall(bytes([0, 0, 0, 5]))  # Bolt 5.0
        while True:
            tag, fields = self._message()
            if tag == 0x02:  # GOODBYE
                return
            if self._failed and tag != 0x0F:
                self._send(0x7E)  # IGNORED
                continue
            self._failed = False
            self._answer(tag, fields)

    def _answer(self, tag: int, fields: list[Any]) -> None:
        double = self._double
        if tag == 0x01:  # HELLO
            if (fields[0].get("principal"), fields[0].get("credentials")) != (USER, PASSWORD):
                self._fail("Neo.ClientError.Security.Unauthorized", "The client is unauthorized")
                return
            self._send(0x70, {"server": "Neo4j/5.0-double", "connection_id": "1"})
            return
        if tag == 0x11:  # BEGIN
            double.lock.acquire()
            self._graph = copy.deepcopy(double.graph)
        elif tag in (0x12, 0x13, 0x0F) and self._graph is not None:  # COMMIT, ROLLBACK, RESET
            if tag == 0x12:
                double.graph = self._graph
            self._graph = None
            double.lock.release()
        elif tag == 0x10:  # RUN
            self._run(fields[0], fields[1])
            return
        elif tag == 0x3F:  # PULL
            for row in self._rows:
                self._send(0x71, row)
            self._rows = []
        self._send(0x70, {"has_more": False} if tag == 0x3F else {})

    def _run(self, statement: str, values: Row) -> None:
        self._double.sent.append((statement, values))
        try:
            names, self._rows = (self._graph or self._double.graph).run(statement, values)
        except SyntaxError:
            self._fail("Neo.ClientError.Statement.SyntaxError", "the double doesn't know this statement")
            return
        self._send(0x70, {"fields": names})

    def _fail(self, code: str, message: str) -> None:
        self._failed = True
        self._send(0x7F, {"code": code, "message": message})

    def _message(self) -> tuple[int, list[Any]]:
        data = b""
        while size := int.from_bytes(self._exactly(2), "big"):
            data += self._exactly(size)
        if not data:
            return self._message()
        reader = iter(data)
        count = next(reader) & 0x0F
        tag = next(reader)
        return tag, [_unpack(reader) for _ in range(count)]

    def _send(self, tag: int, *fields: Any) -> None:
        data = bytes([0xB0 + len(fields), tag]) + b"".join(map(_pack, fields))
        chunks = [data[at : at + 0xFFFF] for at in range(0, len(data), 0xFFFF)]
        self._socket.sendall(b"".join(len(c).to_bytes(2, "big") + c for c in chunks) + b"\0\0")

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._socket.recv(count - len(data))
            if not more:
                if self._graph is not None:
                    self._double.lock.release()
                    self._graph = None
                raise ConnectionResetError
            data += more
        return data


def _unpack(reader: Iterator[int]) -> Any:
    def take(count: int) -> bytes:
        return bytes(next(reader) for _ in range(count))

    mark = next(reader)
    if mark < 0x80 or mark >= 0xF0:
        return mark if mark < 0x80 else mark - 256
    if mark in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[mark]
    if mark == 0xC1:
        return struct.unpack(">d", take(8))[0]
    if 0xC8 <= mark <= 0xCB:
        return int.from_bytes(take(1 << (mark - 0xC8)), "big", signed=True)
    low = mark & 0x0F
    count = low if mark < 0xC0 else int.from_bytes(take(1 << (low & 3)), "big")
    if 0x80 <= mark < 0x90 or 0xD0 <= mark <= 0xD2:
        return take(count).decode()
    if 0x90 <= mark < 0xA0 or 0xD4 <= mark <= 0xD6:
        return [_unpack(reader) for _ in range(count)]
    assert 0xA0 <= mark < 0xB0 or 0xD8 <= mark <= 0xDA, hex(mark)
    return {_unpack(reader): _unpack(reader) for _ in range(count)}


def _pack(value: Any) -> bytes:
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return b"\xcb" + value.to_bytes(8, "big", signed=True)
    if isinstance(value, float):
        return b"\xc1" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode()
        return b"\xd2" + len(data).to_bytes(4, "big") + data
    if isinstance(value, list):
        return b"\xd6" + len(value).to_bytes(4, "big") + b"".join(map(_pack, value))
    pairs = b"".join(_pack(key) + _pack(each) for key, each in value.items())
    return b"\xda" + len(value).to_bytes(4, "big") + pairs
