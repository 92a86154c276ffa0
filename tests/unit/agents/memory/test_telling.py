from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from agents.memory.telling import Silence, Telling


def test_silence_takes_everything() -> None:
    """It stands in where nobody is to be told."""
    silence: Telling = Silence()
    item, id = cast(Any, None), UUID(int=1)
    silence.created("ann", item, None)
    silence.changed("ann", item, ["text"], None)
    silence.deleted("ann", id)
    silence.pruned("ann", id, [id], "over the limit")
    silence.nearly_full("ann", id, cast(Any, None))
