"""Embeddings from any endpoint that speaks OpenAI's API: theirs, or a server of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from openai import OpenAI, OpenAIError, omit

from integrations.rag_trainer.embedding.refusals import told
from integrations.rag_trainer.options import EmbeddingOptions
from integrations.rag_trainer.ports import EmbeddingFailed, Matrix

BATCH_TEXTS: Final = 64
BATCH_TOKENS: Final = 32_000
RETRIES: Final = 4
_BYTES_PER_TOKEN: Final = 3


class OpenAIEmbedder:
    """Asks an endpoint for vectors, in batches of at most 64 texts and about 32,000 tokens.

    A request that is refused with 429, fails with 5xx or isn't answered is made again up to four times, with the
    library's growing pauses (at most 8 s each, or what `Retry-After` says up to a minute). Then it is told as
    `EmbeddingFailed`; no vector is ever made up. The key is in no message.

    Who it is to the endpoint stands in the options alone: without a key no `Authorization` is sent, and the environment
    (`OPENAI_API_KEY`, `OPENAI_ORG_ID` and others of the client) adds none.

    Tokens are estimated, because each endpoint has its own tokenizer: one for three bytes of UTF-8. That is above what
    common vocabularies need for English (four to five bytes) and about right for Russian (two bytes a letter, three to
    four letters a token), so texts come out shorter than allowed rather than longer.

    Args:
        options: `model` and `base_url` must be set; `dimensions` is asked for and checked.
        retries: how often a request is made again.
        quoting: repeat the endpoint's own words in errors; not where the texts are secrets of those who wrote them.

    Raises:
        ValueError: an option is missing.
    """

    def __init__(self, options: EmbeddingOptions, retries: int = RETRIES, *, quoting: bool = True) -> None:
        if not options.model:
            raise ValueError("expected embedding.model, the name of the endpoint's model; set it")
        if not options.base_url:
            raise ValueError("expected embedding.base_url, such as https://embeddings.example/v1; set it")
        self._options = options
        self._retries = retries
        self._quoting = quoting
        self._dimensions = options.dimensions
        key = options.api_key.get_secret_value()
        self._headers = {
            "Authorization": f"Bearer {key}" if key else omit,
            "OpenAI-Organization": omit,
            "OpenAI-Project": omit,
        }
        self._client = OpenAI(
            base_url=options.base_url,
            # The client wants one. What goes out is in the headers of each request.
            api_key=key or "not sent",
            timeout=options.timeout,
            max_retries=retries,
        )

    @property
    def model(self) -> str:
        """The endpoint's model, and the length of its vectors where that was asked for."""
        return self._options.model + (f"@{self._options.dimensions}" if self._options.dimensions else "")

    @property
    def dimensions(self) -> int:
        """Length of its vectors: as asked for, or as the endpoint's first answer has it (this may make a request)."""
        if self._dimensions is None:
            self.embed(["dimensions"])
        assert self._dimensions is not None
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model takes into account, as the options say."""
        return self._options.max_tokens

    def count(self, text: str) -> int:
        """Estimate the tokens of a text: one for three bytes, see above."""
        return -(-len(text.encode()) // _BYTES_PER_TOKEN)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Turn texts into vectors of length 1, one per row, in their order.

        Raises:
            EmbeddingFailed: the endpoint refused, failed or was too slow, also when asked again; or it answered, but
                not with one vector of the right length and finite numbers for each text.
        """
        rows = [row for batch in self._batches(texts) for row in self._ask(batch)]
        return np.array(rows, np.float32).reshape(len(texts), self._dimensions or 0)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        tokens = 0
        for text in texts:
            more = self.count(text)
            if batch and (len(batch) == BATCH_TEXTS or tokens + more > BATCH_TOKENS):
                yield batch
                batch, tokens = [], 0
            # An empty text is an error to most endpoints, and its vector means nothing anyway.
            batch.append(text or " ")
            tokens += more
        if batch:
            yield batch

    def _ask(self, texts: list[str]) -> Matrix:
        given = self._answer(texts)
        if sorted(given) != list(range(len(texts))):
            raise EmbeddingFailed(
                f"expected {len(texts)} vectors from the endpoint, one for each text, got {len(given)} "
                f"with the numbers {sorted(given)[:5]}; its API isn't OpenAI's"
            )
        lengths = {len(vector) for vector in given.values()}
        wanted = self._dimensions or min(lengths)
        if lengths != {wanted} or not wanted:
            raise EmbeddingFailed(
                f"expected vectors of {wanted} dimensions from the endpoint, got {sorted(lengths)}; "
                f"set embedding.dimensions to what its model {self._options.model!r} makes"
            )
        rows = _unit(np.array([given[index] for index in range(len(texts))], np.float64))
        self._dimensions = wanted
        return rows

    def _answer(self, texts: list[str]) -> dict[int, list[float]]:
        try:
            answer = self._client.embeddings.create(
                input=texts,
                model=self._options.model,
                encoding_format="float",
                dimensions=self._options.dimensions or omit,
                extra_headers=self._headers,
            )
            # The client checks little: a page of HTML, or vectors in another form, get as far as here.
            return {int(one.index): [float(number) for number in one.embedding] for one in answer.data}
        except OpenAIError as error:
            text = told(error, self._options, self._retries, quoting=self._quoting)
        except (AttributeError, TypeError, ValueError):
            text = (
                "expected an answer as OpenAI's API has it, got something else; check embedding.base_url, which goes "
                "up to and with /v1"
            )
        # Outside of the handlers: the client's own words may have the address or a part of the key.
        raise EmbeddingFailed(text)


def _unit(rows: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise EmbeddingFailed("expected vectors of finite numbers from the endpoint, got NaN, infinity or only zeros")
    unit: Matrix = (rows / lengths).astype(np.float32)
    return unit
