"""Embeddings from an endpoint. The endpoint here is a double on a real socket: no model is behind it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import openai
import pytest

from integrations.rag_trainer.embedding.openai import OpenAIEmbedder
from integrations.rag_trainer.options import EmbeddingOptions

KEY = "sk-swordfish"


class EndpointDouble(ThreadingHTTPServer):
    """Answers as an endpoint for embeddings does: with statuses in turn, and then with vectors.

    Attributes:
        statuses: of the next answers; 0 is one that never comes.
        vectors: what is answered in place of a vector for each text.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.requests: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        self.vectors: list[list[float]] | None = None
        self.over = threading.Event()

    def embedder(self, **more: Any) -> OpenAIEmbedder:
        """Make an embedder that asks here."""
        base_url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        options = {"provider": "openai", "model": "m", "base_url": base_url, "api_key": KEY, "timeout": 5, **more}
        return OpenAIEmbedder(EmbeddingOptions.model_validate(options))


class _Handler(BaseHTTPRequestHandler):
    server: EndpointDouble

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.server.keys.add(self.headers.get("Authorization"))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if not status:
            self.server.over.wait(20)
            return
        vectors = self.server.vectors or [[float(len(text)), 1.0, 0.0] for text in body["input"]]
        data = [{"object": "embedding", "index": n, "embedding": v} for n, v in enumerate(vectors)]
        answer: dict[str, Any] = {"object": "list", "data": data[::-1], "model": "m", "usage": {}}
        payload = json.dumps(answer if status == 200 else {"error": {"message": "no"}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[EndpointDouble]:
    double = EndpointDouble()
    thread = threading.Thread(target=double.serve_forever, args=(0.01,))
    thread.start()
    yield double
    double.over.set()
    double.shutdown()
    thread.join()
    double.server_close()


def test_texts_go_out_in_batches_and_come_back_in_order(endpoint: EndpointDouble) -> None:
    """Of length 1, whatever the order of the answer; batches are bounded by texts and by tokens."""
    embedder = endpoint.embedder()
    rows = embedder.embed(["x" * n for n in range(1, 131)])
    assert [len(request["input"]) for request in endpoint.requests] == [64, 64, 2]
    assert rows[3].tolist() == pytest.approx([4 / 17**0.5, 1 / 17**0.5, 0])
    assert embedder.dimensions == 3
    assert endpoint.keys == {f"Bearer {KEY}"}
    embedder.embed(["y" * 60_000] * 3)
    assert [len(request["input"]) for request in endpoint.requests[3:]] == [1, 1, 1]
    assert embedder.embed([]).shape == (0, 3)
    embedder.close()


def test_dimensions_are_part_of_the_name_and_checked(endpoint: EndpointDouble) -> None:
    """Those that were asked for; else those of the first answer."""
    asked = endpoint.embedder(dimensions=3)
    assert (asked.model, asked.dimensions, asked.max_tokens) == ("m@3", 3, 8_000)
    asked.embed(["x"])
    assert endpoint.requests[0]["dimensions"] == 3
    with pytest.raises(ValueError, match=r"expected vectors of 4 dimensions from the endpoint, got \[3\]"):
        endpoint.embedder(dimensions=4).embed(["x"])
    assert endpoint.embedder().dimensions == 3
    assert asked.count("бетон") == 4


@pytest.mark.parametrize("status", [429, 500])
def test_a_refusal_is_asked_again_within_bounds(endpoint: EndpointDouble, status: int) -> None:
    """Once doesn't show; always does, after five requests, and without the key."""
    endpoint.statuses = [status]
    assert len(endpoint.embedder().embed(["x"])) == 1
    endpoint.statuses = [status] * 9
    with pytest.raises(openai.APIStatusError) as caught:
        endpoint.embedder().embed(["x"])
    assert len(endpoint.requests) == 2 + 5
    assert KEY not in str(caught.value) + repr(caught.value)


def test_an_endpoint_that_hangs_is_given_up(endpoint: EndpointDouble) -> None:
    """After the time for a request, five times."""
    endpoint.statuses = [0] * 5
    with pytest.raises(openai.APITimeoutError):
        endpoint.embedder(timeout=0.05).embed(["x"])


@pytest.mark.parametrize(
    ("vectors", "words"),
    [
        ([[1.0, 2.0]], "expected 2 vectors from the endpoint"),
        ([[1.0, 2.0], [1.0]], "expected vectors of 1 dimensions"),
        ([[1.0, float("nan")], [1.0, 2.0]], "finite numbers"),
        ([[0.0, 0.0], [1.0, 2.0]], "only zeros"),
    ],
    ids=["few", "short", "nan", "zero"],
)
def test_an_answer_that_does_not_fit_is_refused(
    endpoint: EndpointDouble, vectors: list[list[float]], words: str
) -> None:
    """No vector is made up."""
    endpoint.vectors = vectors
    with pytest.raises(ValueError, match=words):
        endpoint.embedder().embed(["a", "b"])
