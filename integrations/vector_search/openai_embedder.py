"""Embeddings from any endpoint that speaks OpenAI's API: theirs, or a server of one's own."""

from __future__ import annotations

from collections.abc import Sequence

from openai import AsyncOpenAI, omit


class OpenAIEmbedder:
    """Asks an endpoint for vectors. The client stays the caller's: who made it closes it.

    How often and how long is tried again is the client's (`max_retries`, `timeout`). In the end its exceptions come out
    as they are: no vector is ever made up.

    Args:
        client: with its `base_url` and key.
        dimensions: of the vectors, for models that can choose; `None`: the model's own.
    """

    def __init__(self, client: AsyncOpenAI, model: str, dimensions: int | None = None) -> None:
        self._client = client
        self._model = model
        self._dimensions = dimensions

    async def __call__(self, text: str) -> list[float]:
        """Turn a text into a vector.

        Raises:
            openai.OpenAIError: the endpoint refused, failed or was too slow.
            ValueError: it answered, but not with one vector for each text.
        """
        return (await self.embed([text]))[0]

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Turn several texts into vectors, in their order, with one request. Raises like a single one."""
        answer = await self._client.embeddings.create(
            input=list(texts),
            model=self._model,
            encoding_format="float",
            dimensions=omit if self._dimensions is None else self._dimensions,
        )
        vectors = {one.index: one.embedding for one in answer.data}
        if sorted(vectors) != list(range(len(texts))):
            raise ValueError(f"expected {len(texts)} vectors from the endpoint, got those with {sorted(vectors)[:5]}")
        lengths = {len(vector) for vector in vectors.values()}
        if lengths != {self._dimensions or max(lengths)}:
            expected = "one number of" if self._dimensions is None else self._dimensions
            raise ValueError(f"expected vectors of {expected} dimensions from the endpoint, got {sorted(lengths)}")
        return [vectors[index] for index in range(len(texts))]
