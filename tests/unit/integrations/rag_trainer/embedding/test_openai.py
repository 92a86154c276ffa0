"""Embeddings from an endpoint. The endpoint here is a double on a real socket: no model is behind it."""

from __future__ import annotations

import json
import re
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from integrations.rag_trainer.embedding.openai import OpenAIEmbedder
from integrations.rag_trainer.options import EmbeddingOptions
from integrations.rag_trainer.ports import EmbeddingFailed

KEY = "sk-swordfish"


class EndpointDouble(ThreadingHTTPServer):
    """Answers as an endpoint for embeddings does: with statuses in turn, and then with vectors.

    Attributes:
        statuses: of the next answers; 0 is one that never comes.
        vectors: what is answered in place of a vector for each text.
        body: what is answered in place of all of it.
        message: of a refusal.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.vectors: list[Any] | None = None
        self.body: bytes | None = None
        self.message = "no"
        self.over = threading.Event()

    def embedder(self, retries: int = 4, **more: Any) -> OpenAIEmbedder:
        """Make an embedder that asks here."""
        base_url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        options = {"provider": "openai", "model": "m", "base_url": base_url, "api_key": KEY, "timeout": 5, **more}
        return OpenAIEmbedder(EmbeddingOptions.model_validate(options), retries)


class _Handler(BaseHTTPRequestHandler):
    server: EndpointDouble

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if not status:
            self.server.over.wait(20)
            return
        vectors = self.server.vectors or [[float(len(text)), 1.0, 0.0] for text in body["input"]]
        data = [{"object": "embedding", "index": n, "embedding": v} for n, v in enumerate(vectors)]
        answer: dict[str, Any] = {"object": "list", "data": data[::-1], "model": "m", "usage": {}}
        payload = json.dumps(answer if status == 200 else {"error": {"message": self.server.message}}).encode()
        payload = payload if self.server.body is None else self.server.body
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
    assert {headers["authorization"] for headers in endpoint.headers} == {f"Bearer {KEY}"}
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
    with pytest.raises(EmbeddingFailed, match=r"expected vectors of 4 dimensions from the endpoint, got \[3\]"):
        endpoint.embedder(dimensions=4).embed(["x"])
    assert endpoint.embedder().dimensions == 3
    assert asked.count("бетон") == 4


def test_who_asks_stands_in_the_options_alone(endpoint: EndpointDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key there is no header for one, and nothing of another endpoint's account goes out."""
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from the environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: from the environment")
    endpoint.embedder(api_key="").embed(["x"])
    endpoint.embedder().embed(["x"])
    without, with_key = endpoint.headers
    assert "authorization" not in without
    assert with_key["authorization"] == f"Bearer {KEY}"
    assert not [one for headers in endpoint.headers for one in headers.values() if "from the environment" in one]
    assert not [one for one in without.values() if "not sent" in one]


def _failure(endpoint: EndpointDouble, **more: Any) -> str:
    with pytest.raises(EmbeddingFailed) as caught:
        endpoint.embedder(**more).embed(["x"])
    # All that a log may have of it.
    everything = "".join(traceback.format_exception(caught.value))
    assert KEY[:6] not in everything
    return str(caught.value)


@pytest.mark.parametrize(
    ("status", "requests", "words"),
    [
        (429, 5, r"answered 429 \(quota is used up\), also when asked again 4 times; wait, or look at the account"),
        (500, 5, r"answered 500 \(quota is used up\), also when asked again 4 times; look at the endpoint's log"),
        (400, 1, r"answered 400 \(quota is used up\); if texts are too long for its model, lower limits.chunk_tokens"),
        (404, 1, r"expected the model 'm' at the endpoint, the endpoint answered 404 .* check embedding.model, and "),
    ],
)
def test_a_refusal_is_told_with_its_reason(endpoint: EndpointDouble, status: int, requests: int, words: str) -> None:
    """One that may pass is asked again: once doesn't show."""
    endpoint.message = "quota\nis used up"
    if requests > 1:
        endpoint.statuses = [status]
        assert len(endpoint.embedder().embed(["x"])) == 1
        endpoint.requests.clear()
    endpoint.statuses = [status] * 9
    assert re.search(words, _failure(endpoint))
    assert len(endpoint.requests) == requests


def test_a_wrong_key_is_told_and_not_repeated(endpoint: EndpointDouble) -> None:
    """Endpoints like to say a part of it."""
    endpoint.message = f"Incorrect API key provided: {KEY[:8]}****"
    endpoint.statuses = [401, 403, 401, 400]
    for _ in range(2):
        assert "expected to be let in with this key, the endpoint answered 40" in _failure(endpoint)
    assert "with a request without a key, the endpoint answered 401; set embedding.api_key" in _failure(
        endpoint, api_key=""
    )
    assert "the endpoint answered 400; if texts" in _failure(endpoint)


def test_its_words_can_be_kept_out(endpoint: EndpointDouble) -> None:
    """They may repeat a text that isn't for the log."""
    endpoint.statuses = [400]
    endpoint.message = "too long: 'dear diary'"
    options = endpoint.embedder()._options
    with pytest.raises(EmbeddingFailed, match="the endpoint answered 400;") as caught:
        OpenAIEmbedder(options, quoting=False).embed(["dear diary"])
    assert "diary" not in str(caught.value)


def test_an_endpoint_that_hangs_is_given_up(endpoint: EndpointDouble) -> None:
    """After the time for a request, as often as it is made."""
    endpoint.statuses = [0] * 2
    words = "within 0.05 s, none came in 2 attempts; look whether it works, or raise embedding.timeout"
    assert words in _failure(endpoint, timeout=0.05, retries=1)


def test_nobody_listens() -> None:
    """Is told without the address, which may be nobody's business."""
    options = EmbeddingOptions(provider="openai", model="m", base_url="http://127.0.0.1:1/v1")
    with pytest.raises(EmbeddingFailed, match="expected to reach the endpoint, got ConnectError") as caught:
        OpenAIEmbedder(options, retries=0).embed(["x"])
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize(
    ("vectors", "words"),
    [
        ([[1.0, 2.0]], "expected 2 vectors from the endpoint"),
        ([[1.0, 2.0], [1.0]], "expected vectors of 1 dimensions"),
        ([[], []], "expected vectors of 0 dimensions"),
        ([[1.0, float("nan")], [1.0, 2.0]], "finite numbers"),
        ([[0.0, 0.0], [1.0, 2.0]], "only zeros"),
        (["AACAPw==", "AACAPw=="], "as OpenAI's API has it"),
        ([None, None], "as OpenAI's API has it"),
    ],
    ids=["few", "short", "empty", "nan", "zero", "base64", "none"],
)
def test_an_answer_that_does_not_fit_is_refused(endpoint: EndpointDouble, vectors: list[Any], words: str) -> None:
    """No vector is made up, and a length that was wrong isn't kept."""
    endpoint.vectors = vectors
    embedder = endpoint.embedder()
    with pytest.raises(EmbeddingFailed, match=words):
        embedder.embed(["a", "b"])
    endpoint.vectors = None
    assert embedder.embed(["a"]).shape == (1, 3)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"null", b'{"data": null}', b'{"ok": true}', b'{"data": [{}]}'])
def test_something_else_answers(endpoint: EndpointDouble, body: bytes) -> None:
    """A wrong address mostly answers something."""
    endpoint.body = body
    assert "expected an answer as OpenAI's API has it, got something else; check embedding.base_url" in _failure(
        endpoint
    )
