"""What every act of the demo works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from channels.clock import Clock, SystemClock
from channels.ports import Publisher
from channels.push import Push
from hub.demo.notebook import Notebook


@dataclass(slots=True)
class Stage:
    """The place of the demo.

    Attributes:
        publish: the way to the hub.
        dsn: a PostgreSQL of the demo's own.
        folder: a folder of the demo's own, gone with it.
        pace: what all waits are multiplied by; below 1 it is a demo in a hurry.
        doing: what each act does now, in one line, by its name.
    """

    publish: Publisher
    dsn: str
    folder: Path
    pace: float = 1.0
    clock: Clock = field(default_factory=SystemClock)
    doing: dict[str, str] = field(default_factory=dict)
    notebook: Notebook = field(init=False)

    def __post_init__(self) -> None:
        """Open the notebook."""
        self.notebook = Notebook(Push(self.publish), self.clock)

    def telling(self, act: str) -> Callable[[str], None]:
        """Return what an act says with what it does."""

        def tell(text: str) -> None:
            self.doing[act] = text

        return tell
