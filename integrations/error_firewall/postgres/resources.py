"""What the environment really has, as it was reported: shared by all processes, beside the entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.error_firewall.postgres import statements
from integrations.error_firewall.postgres.database import Database
from integrations.error_firewall.postgres.json_text import dumps, loads, plain
from integrations.error_firewall.postgres.rows import Row


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of thing that there is, such as simulators.

    Attributes:
        name: as requirements name it.
        items: what there is of it.
        covers: operation → field of an item → field of the call; see `Environment.register`.
        updated_at: when it was reported, in seconds since 1970.
        changed_by: who reported it.
        version: grows with each report; 0: not stored yet.
    """

    name: str
    items: Sequence[Mapping[str, Any]]
    covers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    updated_at: float = 0.0
    changed_by: str | None = None
    version: int = 0


def ignore_resources(_resources: Sequence[Resource]) -> None:
    """Take no notice."""


class Resources:
    """The resources in the store. Changes come to `listener` with those of entries: soon, and none missed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.listener: Callable[[Sequence[Resource]], None] = ignore_resources

    async def put(self, resource: Resource) -> Resource:
        """Keep a resource, in place of the one with its name; return it with its version.

        Raises:
            StoreUnavailable: nothing was changed.
        """
        changed_by = None if resource.changed_by is None else plain(resource.changed_by)
        values = (
            plain(resource.name),
            dumps([dict(item) for item in resource.items]),
            dumps({operation: dict(fields) for operation, fields in resource.covers.items()}),
            resource.updated_at,
            changed_by,
        )
        database = self._database
        async with database.transaction() as connection:
            number = await database.next_change(connection)
            row = await connection.fetchrow(database.sql(statements.PUT_RESOURCE), number, *values)
        return _resource_of(row)

    async def read(self, connection: Any, since: int) -> list[Resource]:
        """Read those that changed after `since`, in a transaction of the caller's."""
        rows = await connection.fetch(self._database.sql(statements.RESOURCES), since)
        return [_resource_of(row) for row in rows]


def _resource_of(row: Row) -> Resource:
    items, covers = loads(row["items"]), loads(row["covers"])
    return Resource(row["name"], items, covers, row["updated_at"], row["changed_by"], row["change"])
