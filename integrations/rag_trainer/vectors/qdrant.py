"""Vectors in Qdrant: a server, or the client's local mode in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from qdrant_client import QdrantClient, models

from integrations.rag_trainer.library.sqlite import normal
from integrations.rag_trainer.options import QdrantOptions
from integrations.rag_trainer.ports import EVERYWHERE, Document, Filter, Hit, Vector, WrongModel
from integrations.rag_trainer.results import Chunks

BATCH: Final = 64
_PAGE: Final = 1_000
_FIELDS: Final = ("document", "type", "subtype", "designation", "language")


class QdrantVectors:
    """Points of one collection, which is made at the first document. A point's id is its chunk's, and its payload says
    the document's name, type, subtype, designation and language, and the model.

    Only points of the document in question are ever replaced or removed. The new ones are there before the old ones go,
    so a kill in between leaves too many, never too few; doing it again repairs it.
    """

    def __init__(self, client: QdrantClient, collection: str, server: bool) -> None:
        self._client = client
        self._collection = collection
        self._server = server

    @property
    def name(self) -> str:
        """For reports."""
        return "qdrant"

    def replace(self, document: Document, chunks: Chunks) -> int:
        """Have exactly these points for a document; return how many others it had that are gone.

        Raises:
            WrongModel: the collection has vectors of another length or model.
        """
        self._prepare(chunks)
        wanted = {chunk.id for chunk in chunks.chunks}
        gone = [id_ for id_ in self._ids(document.name) if id_ not in wanted]
        values = (normal(document.name), document.type, document.subtype, document.designation, document.language)
        payload = {**dict(zip(_FIELDS, values, strict=True)), "model": chunks.model}
        points = [
            models.PointStruct(id=chunk.id, vector=row.tolist(), payload=payload)
            for chunk, row in zip(chunks.chunks, chunks.matrix(), strict=True)
        ]
        for at in range(0, len(points), BATCH):
            self._client.upsert(self._collection, points[at : at + BATCH], wait=True)
        self._delete(gone)
        return len(gone)

    def remove(self, name: str) -> int:
        """Take a document's points out; return how many there were."""
        ids = list(self._ids(name)) if self._exists() else []
        self._delete(ids)
        return len(ids)

    def count(self) -> int:
        """Count the points."""
        return self._client.count(self._collection, exact=True).count if self._exists() else 0

    def nearest(self, vector: Vector, k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find the nearest chunks, best first; the score is the cosine. A large collection on a server is searched by
        its index (HNSW), which may miss some."""
        if k < 1 or not self._exists():
            return []
        found = self._client.query_points(
            self._collection, query=vector.tolist(), limit=k, query_filter=_condition(filter), with_payload=False
        ).points
        return sorted((Hit(str(point.id), point.score) for point in found), key=lambda hit: (-hit.score, hit.id))

    def close(self) -> None:
        """Close the connection, or the folder."""
        self._client.close()

    def _exists(self) -> bool:
        return self._client.collection_exists(self._collection)

    def _prepare(self, chunks: Chunks) -> None:
        if not self._exists():
            size = models.VectorParams(size=chunks.dimensions, distance=models.Distance.COSINE)
            self._client.create_collection(self._collection, vectors_config=size)
            for field in _FIELDS if self._server else ():
                self._client.create_payload_index(self._collection, field, models.PayloadSchemaType.KEYWORD)
            return
        vectors = self._client.get_collection(self._collection).config.params.vectors
        size_there = vectors.size if isinstance(vectors, models.VectorParams) else None
        sample = self._client.scroll(self._collection, limit=1, with_payload=["model"])[0]
        model = str((sample[0].payload or {}).get("model")) if sample else chunks.model
        if (size_there, model) != (chunks.dimensions, chunks.model):
            raise WrongModel(
                f"expected vectors of {model} with {size_there} dimensions, as the Qdrant collection "
                f"{self._collection!r} has, got those of {chunks.model} with {chunks.dimensions}; set embedding.model "
                "back, or qdrant.collection to a new name"
            )

    def _ids(self, name: str) -> Iterator[str]:
        own = _condition(Filter(names=(name,)))
        offset = None
        while True:
            points, offset = self._client.scroll(
                self._collection, own, limit=_PAGE, offset=offset, with_payload=False, with_vectors=False
            )
            yield from (str(point.id) for point in points)
            if offset is None:
                return

    def _delete(self, ids: list[str]) -> None:
        for at in range(0, len(ids), _PAGE):
            selector = models.PointIdsList(points=list[models.ExtendedPointId](ids[at : at + _PAGE]))
            self._client.delete(self._collection, selector, wait=True)


def open_qdrant(options: QdrantOptions) -> QdrantVectors:
    """Connect to the server, or open the folder; one process may have the folder open at a time."""
    if options.url:
        key = options.api_key.get_secret_value() or None
        client = QdrantClient(url=options.url, api_key=key, timeout=max(1, round(options.timeout)))
    else:
        client = QdrantClient(path=options.path)
    return QdrantVectors(client, options.collection, server=bool(options.url))


def _condition(filter: Filter) -> models.Filter | None:
    names = tuple(map(normal, filter.names))
    wanted = (names, filter.types, filter.subtypes, filter.designations, filter.languages)
    must: list[models.Condition] = [
        models.FieldCondition(key=field, match=models.MatchAny(any=list(values)))
        for field, values in zip(_FIELDS, wanted, strict=True)
        if values
    ]
    return models.Filter(must=must) if must else None
