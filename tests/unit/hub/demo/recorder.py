"""What the demo publishes, in tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from channels.messages import Message
from hub.demo.stage import Stage
from tests.live import until


class Recorder:
    """Takes publications, as a hub does.

    Attributes:
        told: channel, type and data of each.
    """

    def __init__(self) -> None:
        self.told: list[tuple[str, str, Any]] = []

    def __call__(self, channel: str, type: str, data: Any) -> bool:
        self.told.append((channel, type, data.model_dump() if isinstance(data, Message) else data))
        return True

    def types(self, channel: str) -> list[str]:
        """What came on a channel, by type, in order."""
        return [type for each, type, _ in self.told if each == channel]

    def data(self, type: str) -> list[Any]:
        """The data of each publication of a type."""
        return [data for _, each, data in self.told if each == type]

    async def all_of(self, channel: str, types: Iterable[str]) -> None:
        """Wait until each of these types has come."""
        wanted = set(types)
        await until(lambda: wanted <= set(self.types(channel)), 40.0)


def stage_in(folder: Path, dsn: str = "", pace: float = 0.05) -> tuple[Stage, Recorder]:
    """Make a stage in a hurry, and what hears it."""
    recorder = Recorder()
    return Stage(recorder, dsn, folder, pace), recorder
