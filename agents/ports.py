"""The seams of the agents: embeddings, vectors, the hub's channels and processes, queues and limits. That of language
models is `agents.models.port`.

Implementations are found by shape (`typing.Protocol`), never by inheritance. One contract suite per seam runs on every
implementation. All methods are called on the hub's event loop. Who a call is for comes as a `Tenant` or is bound into
the object, never as a bare id that a request could have named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

# Embeddings and vectors.


class EmbeddingFailed(Exception):
    """There are no vectors. The text says why and what to do; it has no secret."""


class Embedder(Protocol):
    """A model that turns text into vectors. Slow work is done off the loop."""

    @property
    def model(self) -> str:
        """Its name; vectors of different names are never compared."""

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Turn texts into vectors of length 1, in their order.

        Raises:
            EmbeddingFailed: none is made up.
        """

    async def close(self) -> None:
        """Let go of threads and connections."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """Whose vectors: one agent of one user. Made by a `Scope` from a token; nothing else makes one."""

    user: UUID
    agent: UUID

    @property
    def collection(self) -> str:
        """The logical name of its collection, as the design documents have it."""
        return f"user{self.user}_{self.agent}_context"


@dataclass(frozen=True, slots=True)
class VectorHit:
    """A memory that was found; the cosine similarity, from -1 to 1."""

    memory_id: UUID
    score: float


class VectorIndex(Protocol):
    """Vectors of memories, of all tenants, each seen by its own tenant alone. One filter in one place sees to that."""

    async def prepare(self) -> None:
        """Make what is needed to store vectors. Doing it twice is once.

        Raises:
            IndexUnavailable: it can't be reached.
        """

    async def put(self, tenant: Tenant, vectors: Mapping[UUID, Sequence[float]]) -> None:
        """Store or replace vectors. All or nothing.

        Raises:
            IndexUnavailable: nothing is stored then, as far as can be told.
        """

    async def search(
        self, tenant: Tenant, vector: Sequence[float], limit: int, among: Sequence[UUID] | None = None
    ) -> list[VectorHit]:
        """Find the nearest, best first.

        Args:
            among: ids of memories that count; `None`: all of the tenant.

        Raises:
            IndexUnavailable: it can't be reached.
        """

    async def remove(self, tenant: Tenant, memory_ids: Sequence[UUID]) -> None:
        """Remove vectors. Removing what isn't there is nothing.

        Raises:
            IndexUnavailable: some may still be there.
        """

    async def clear(self, tenant: Tenant) -> None:
        """Remove everything of a tenant.

        Raises:
            IndexUnavailable: some may still be there.
        """

    async def count(self, tenant: Tenant) -> int:
        """Count a tenant's vectors.

        Raises:
            IndexUnavailable: it can't be reached.
        """

    async def retire(self) -> None:
        """Remove the vectors of all other models, once every memory has one of this index' model.

        Raises:
            IndexUnavailable: some may still be there.
        """

    async def close(self) -> None:
        """Let go of connections."""


class IndexUnavailable(Exception):
    """The vectors can't be reached now. The text says why; it has no secret."""


# The hub.


class SessionChannel(Protocol):
    """The hub's channel `session:ID`."""

    async def publish(self, session: UUID, seq: int, type: str, data: Mapping[str, Any]) -> None:
        """Publish one event of a session. A `seq` that isn't above the newest one changes nothing, for an hour after
        that at least: publishing is to be in order, and publishing again does no harm.

        Raises:
            ReplyError: `unavailable`; try again.
        """

    async def close(self, session: UUID, owner: str) -> None:
        """End what `owner` has open in this process on the channel of a session that was deleted, and drop its past."""


class Signals(Protocol):
    """Short words between the processes of a hub. At most once: who needs certainty looks in the database as well."""

    def listen(self, topic: str, handler: Callable[[Mapping[str, Any]], None]) -> None:
        """Have `handler` called with what any process, this one included, says about `topic`."""

    def tell(self, topic: str, message: Mapping[str, Any]) -> None:
        """Say something (JSON) to every process. Never waits, never raises."""


# Queues and limits.


@dataclass(frozen=True, slots=True)
class Place:
    """A task's place after it was offered.

    Attributes:
        ahead: tasks of the same agent that come before it.
    """

    ahead: int


class QueueFull(Exception):
    """An agent has as many tasks waiting as it may.

    Attributes:
        limit: that number.
        retry_after: seconds after which there is likely to be room.
    """

    def __init__(self, limit: int, retry_after: float) -> None:
        super().__init__(f"{limit} tasks wait for this agent already; try again in {retry_after:.0f} s")
        self.limit = limit
        self.retry_after = retry_after


class TaskQueue(Protocol):
    """Tasks that wait for agents, and how many of each agent are at work, over all processes.

    First in, first out within a priority; a higher priority comes first. A task that was taken is leased: who took it
    renews the lease, or it counts as lost when the lease ends.
    """

    async def offer(self, agent: UUID, task: UUID, priority: int = 0) -> Place:
        """Put a task in an agent's queue. Offering it again changes nothing.

        Raises:
            QueueFull: it has no room.
            ReplyError: `unavailable`.
        """

    async def take(self, agent: UUID, node: str, lease: float) -> UUID | None:
        """Take the next task, unless as many of the agent's are at work as may be, or none waits."""

    async def renew(self, agent: UUID, tasks: Sequence[UUID], node: str, lease: float) -> frozenset[UUID]:
        """Renew leases for `lease` seconds from now; return those that are held. A lease that has ended may be renewed
        by who held it, unless its task waits again or was taken by somebody else: so what is at work outlives an
        outage. It counts, also beyond what may be at work."""

    async def finish(self, agent: UUID, task: UUID) -> None:
        """Let go of a task that was taken. Twice is once."""

    async def withdraw(self, agent: UUID, task: UUID) -> bool:
        """Take a task out of the queue; `False` when it doesn't wait there (any more)."""

    async def waiting(self, agent: UUID) -> int:
        """Count the tasks that wait."""

    async def active(self, agent: UUID) -> int:
        """Count the tasks at work, in all processes."""

    async def forget(self, agent: UUID) -> None:
        """Drop an agent's queue and leases."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit.

    Attributes:
        limit: requests in a window.
        remaining: that may still come now.
        reset: seconds until all of it is there again.
        retry_after: seconds until the next may come; 0 when this one may.
    """

    limit: int
    remaining: int
    reset: float
    retry_after: float = 0.0

    @property
    def allowed(self) -> bool:
        """Whether the request that asked may go on."""
        return not self.retry_after


class RateLimiter(Protocol):
    """Counts requests of users, over all processes."""

    async def take(self, key: str) -> Allowance:
        """Count one request of `key` and tell what is left. Never raises: when it can't be counted, it may go on."""
