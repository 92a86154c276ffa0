"""A publisher that keeps what it is given, as clients would get it."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from channels.messages import json_schemas
from channels.push import Push

_VALIDATORS = {name: jsonschema_rs.validator_for(schema) for name, schema in json_schemas().items()}


class Board:
    """Checks each message against the published schema of its type.

    Attributes:
        push: what adapters get.
        posts: type and data of each message, in order.
    """

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.push = Push(self._publish)

    def _publish(self, channel: str, type: str, data: Any) -> object:
        assert channel == "db_pool_stats"
        told = data.model_dump(mode="json")
        assert list(_VALIDATORS[type].iter_errors(told)) == []
        self.posts.append((type, told))
        return True

    def of(self, type: str) -> list[dict[str, Any]]:
        """The data of one type's messages."""
        return [data for name, data in self.posts if name == type]
