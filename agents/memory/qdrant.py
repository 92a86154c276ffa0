"""Vectors in Qdrant: one collection for each embedding model, shared by all tenants.

A collection for each agent would be thousands of them, which Qdrant's own guide on multitenancy advises against. Here
each point says whose it is in `tenant`, an index with `is_tenant` keeps a tenant's points together, and the graph of
the index is built within tenants only (`payload_m`, with `m` 0).
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID, uuid5

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException

from agents.ports import IndexUnavailable, Tenant, VectorHit

BATCH: Final = 100
TENANT: Final = "tenant"
_MEMORY: Final = "memory"
_LINKS: Final = 16


class QdrantIndex:
    """The vectors of one model.

    Args:
        client: of a server, or the client's local mode.
        prefix: how the names of all collections of memories begin.
        model: name of the embedding model.
        dimensions: length of its vectors.
        server: whether it is one; the local mode has no index of payloads.
    """

    def __init__(
        self, client: AsyncQdrantClient, prefix: str, model: str, dimensions: int, *, server: bool = True
    ) -> None:
        self._client = client
        self._prefix = f"{prefix}_"
        self._model = model
        self._dimensions = dimensions
        self._server = server
        digest = hashlib.sha256(f"{model}/{dimensions}".encode()).hexdigest()[:12]
        self.collection: Final = f"{self._prefix}{digest}"

    async def prepare(self) -> None:
        """Make the collection, where it isn't there."""
        async with _told():
            if not await self._client.collection_exists(self.collection):
                await self._create()
            if self._server:
                # Also when it was there: who made it may have been killed in between.
                await self._client.create_payload_index(
                    self.collection,
                    TENANT,
                    models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
                )

    async def put(self, tenant: Tenant, vectors: Mapping[UUID, Sequence[float]]) -> None:
        """Store or replace vectors. A batch of 100 is all or nothing; more than that may be stored in part."""
        points = [
            models.PointStruct(
                id=str(_point(tenant, memory)),
                vector=list(vector),
                payload={TENANT: tenant.collection, _MEMORY: str(memory)},
            )
            for memory, vector in vectors.items()
        ]
        async with _told():
            for at in range(0, len(points), BATCH):
                await self._client.upsert(self.collection, points[at : at + BATCH], wait=True)

    async def search(
        self, tenant: Tenant, vector: Sequence[float], limit: int, among: Sequence[UUID] | None = None
    ) -> list[VectorHit]:
        """Find the nearest, best first."""
        if limit < 1 or (among is not None and not among):
            return []
        async with _told():
            found = await self._client.query_points(
                self.collection,
                query=list(vector),
                query_filter=_own(tenant, among),
                limit=limit,
                with_payload=[_MEMORY],
            )
        return [VectorHit(UUID((point.payload or {})[_MEMORY]), point.score) for point in found.points]

    async def remove(self, tenant: Tenant, memory_ids: Sequence[UUID]) -> None:
        """Remove vectors."""
        if memory_ids:
            await self._delete(_own(tenant, memory_ids))

    async def clear(self, tenant: Tenant) -> None:
        """Remove everything of a tenant."""
        await self._delete(_own(tenant))

    async def count(self, tenant: Tenant) -> int:
        """Count a tenant's vectors."""
        async with _told():
            return (await self._client.count(self.collection, count_filter=_own(tenant), exact=True)).count

    async def retire(self) -> None:
        """Drop the collections of all other models."""
        async with _told():
            for one in (await self._client.get_collections()).collections:
                if one.name.startswith(self._prefix) and one.name != self.collection:
                    await self._client.delete_collection(one.name)

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()

    async def _create(self) -> None:
        try:
            await self._client.create_collection(
                self.collection,
                vectors_config=models.VectorParams(size=self._dimensions, distance=models.Distance.COSINE),
                hnsw_config=models.HnswConfigDiff(m=0, payload_m=_LINKS),
                metadata={"model": self._model},
            )
        except (ApiException, ValueError):
            # Another process may have been faster.
            if not await self._client.collection_exists(self.collection):
                raise

    async def _delete(self, own: models.Filter) -> None:
        async with _told():
            await self._client.delete(self.collection, models.FilterSelector(filter=own), wait=True)


def connect(url: str, api_key: str, timeout: float, prefix: str, model: str, dimensions: int) -> QdrantIndex:
    """Make the index of a model's vectors on a server. Nothing is connected before the first use.

    Args:
        api_key: empty: none.
        timeout: seconds of a request; whole ones, as Qdrant counts them.
    """
    client = AsyncQdrantClient(
        url=url,
        api_key=api_key or None,
        timeout=max(1, round(timeout)),
        # The server would be asked here, on the loop, and its answer only logged.
        check_compatibility=False,
    )
    return QdrantIndex(client, prefix, model, dimensions)


def _own(tenant: Tenant, among: Sequence[UUID] | None = None) -> models.Filter:
    """The filter that each request has."""
    must: list[models.Condition] = [models.FieldCondition(key=TENANT, match=models.MatchValue(value=tenant.collection))]
    if among is not None:
        must.append(models.HasIdCondition(has_id=[str(_point(tenant, memory)) for memory in among]))
    return models.Filter(must=must)


def _point(tenant: Tenant, memory: UUID) -> UUID:
    """A point's id: no tenant can name another's, whatever memory it names."""
    return uuid5(memory, tenant.collection)


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    try:
        yield
    except (ApiException, QdrantException, OSError, ValueError) as error:
        # The class alone: a message may have the address.
        raise IndexUnavailable(f"Qdrant can't be used ({type(error).__name__}); look whether it works") from error
