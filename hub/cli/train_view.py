"""What `tocsin train` shows: two bars for people, a line for each file in a pipe, or JSON lines for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column
from rich.text import Text

from channels.messages.training import STAGES, StageUpdate
from hub.cli.terminal import Colour, Terminal, visible

_STOPPING: Final = "ending after the stage that is at work; Ctrl+C again ends it at once"
_WIDE: Final = 72
"""Columns from which on there is room for the name of a stage and the time."""
_NAME: Final = 40
"""Characters of a document's name in its bar, at most."""
_MARKS: Final = {"done": ("+", Colour.GREEN), "skipped": ("=", Colour.GREY), "failed": ("!", Colour.RED)}


class View(Protocol):
    """Shows a training while it is entered (`train_work.Watcher`)."""

    def __enter__(self) -> object: ...

    def __exit__(self, *_exception: object) -> None: ...

    def update(self, update: StageUpdate) -> None:
        """Show what began or ended."""

    def stopping(self) -> None:
        """Say that it ends soon."""


class JsonLines:
    """Prints every update as it is."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def update(self, update: StageUpdate) -> None:
        """Print it, without what it doesn't have."""
        self._terminal.say(update.model_dump_json(exclude_none=True))

    def stopping(self) -> None:
        """Say so, beside the JSON."""
        self._terminal.tell(_STOPPING, Colour.YELLOW)


class Lines:
    """Prints a line for each file."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def update(self, update: StageUpdate) -> None:
        """Print it if it begins the job or ends a file."""
        for line, colour in lines_of(update):
            self._terminal.say(self._terminal.paint(line, colour))

    def stopping(self) -> None:
        """Say so."""
        self._terminal.tell(_STOPPING, Colour.YELLOW)


class Bars:
    """Shows a bar for the file, in stages, and one for the job; finished files stand above them.

    Each is one line on a terminal of any width: what isn't needed most gives way.
    """

    def __init__(self, terminal: Terminal) -> None:
        console = Console(file=terminal.out, no_color=not terminal.colour_out, highlight=False)
        self._wide = console.width >= _WIDE
        self._name_most = min(_NAME, console.width // 3)
        self._progress = Progress(*self._columns(console.width), console=console, transient=True)
        self._file: TaskID | None = None
        self._job: TaskID | None = None
        self._name = ""

    def __enter__(self) -> Bars:
        self._progress.start()
        self._progress.add_task("the model is being loaded", total=None, doing="")
        return self

    def __exit__(self, *_exception: object) -> None:
        self._progress.stop()

    def update(self, update: StageUpdate) -> None:
        """Move the bars."""
        for line, colour in lines_of(update):
            self._progress.console.print(Text(line, style=_style(colour)))
        if update.stage == "start":
            self._begin(update)
        if self._job is None or self._file is None:
            return
        self._progress.update(self._job, completed=update.overall_progress)
        if update.file is not None and update.stage_index is not None:
            shown: dict[str, Any] = {"description": _short(update.file, self._name_most), "doing": self._doing(update)}
            if update.file != self._name:
                self._name = update.file
                self._progress.reset(self._file, **shown)  # with its name: this draws the line anew at once
            self._progress.update(self._file, completed=update.progress, **shown)

    def stopping(self) -> None:
        """Say so above the bars."""
        self._progress.console.print(Text(_STOPPING, style="yellow"))

    def _columns(self, width: int) -> Iterator[ProgressColumn]:
        one_line = Column(no_wrap=True)
        yield TextColumn("{task.description}", markup=False, table_column=one_line)
        yield BarColumn(bar_width=max(6, min(30, width - 70)))
        yield TaskProgressColumn()
        yield TextColumn("{task.fields[doing]}", markup=False, table_column=one_line)
        if self._wide:
            yield TimeElapsedColumn()

    def _doing(self, update: StageUpdate) -> str:
        number = f"{update.stage_index}/{STAGES}"
        return visible(f"{number} {update.stage_name or ''}" if self._wide else number)

    def _begin(self, update: StageUpdate) -> None:
        for task in self._progress.task_ids:
            self._progress.remove_task(task)
        self._file = self._progress.add_task("-", total=100, doing="")
        number = update.files_total
        self._job = self._progress.add_task(f"{number} file{'s' if number != 1 else ''}", total=100, doing="")


def lines_of(update: StageUpdate) -> Iterator[tuple[str, Colour]]:
    """Write the beginning of a job, and the end of each file."""
    if update.stage == "start":
        yield visible(update.log), Colour.GREY
    elif update.file is not None and _ends_file(update):
        mark, colour = _MARKS[update.status]
        yield f"{mark} {update.file_index}/{update.files_total} {visible(update.log)}", colour


def _ends_file(update: StageUpdate) -> bool:
    return update.status in ("skipped", "failed") or (update.status == "done" and update.stage_index == STAGES)


def _short(name: str, most: int) -> str:
    shown = visible(name)
    return shown if len(shown) <= most else f"...{shown[3 - most :]}"


def _style(colour: Colour) -> str:
    return "bright_black" if colour is Colour.GREY else colour.name.lower()
