"""The plain JSON protocol of `docs/protocol.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from channels.model import Publication


def _no_channel(_: str) -> bool:
    return False


class PlainDialect:
    """One JSON object per message.

    Args:
        inline: tells of which channels messages have the fields of `data` at their top level, too. The message's own
            fields win.
    """

    name = "plain"

    def __init__(self, inline: Callable[[str], bool] = _no_channel) -> None:
        self._inline = inline

    def publication(self, publication: Publication) -> bytes:
        fields = publication_fields(publication)
        if publication.data[:1] == b"{" and self._inline(publication.channel):
            fields = orjson.loads(publication.data) | fields
        return orjson.dumps(fields)

    def withheld(self, publication: Publication) -> bytes:
        fields: dict[str, Any] = {"type": "position", "channel": publication.channel}
        if publication.position is not None:
            fields["epoch"], fields["offset"] = publication.position
        return orjson.dumps(fields)

    def message(self, message: Mapping[str, Any]) -> bytes:
        return orjson.dumps(message)


def publication_fields(publication: Publication) -> dict[str, Any]:
    """Return a publication as it stands in JSON, to be encoded by orjson (`data` is a fragment that is JSON
    already)."""
    fields: dict[str, Any] = {
        "type": publication.type,
        "channel": publication.channel,
        "data": orjson.Fragment(publication.data),
        "timestamp": publication.timestamp,
    }
    if publication.position is not None:
        fields["epoch"], fields["offset"] = publication.position
    if publication.key is not None:
        fields["key"] = publication.key
    return fields
