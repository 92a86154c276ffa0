"""Having linters read files, unless what they would say is kept from before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from integrations.code_analysis.export import Export
from integrations.code_analysis.finding import Finding, fingerprinted, make_finding, packed, shown, unpacked
from integrations.code_analysis.git import Entry, GitFailed
from integrations.code_analysis.linter import Exported, Linter, LinterFailed
from integrations.code_analysis.report import Outcome
from integrations.code_analysis.selection import BINARY, CHANGED, is_binary
from integrations.code_analysis.source import Source
from integrations.code_analysis.store import Store, key_of

T = TypeVar("T")

_LOOKED_UP: Final = 200
"""Files whose kept findings are read at once."""


@dataclass(slots=True)
class Ready:
    """A linter that is there.

    Attributes:
        stamp: version, settings and configuration: findings under another one are stale.
    """

    linter: Linter
    stamp: str
    outcome: Outcome


@dataclass(slots=True)
class _Task:
    """A file, and the linters that have to read it."""

    entry: Entry
    missing: list[Ready]


@dataclass(frozen=True, slots=True)
class Hooks:
    """What an examination tells.

    Attributes:
        found: findings of one linter in one file.
        done: files that are done: read by linters, all kept from before, or left out for a reason.
        working: a linter begins.
    """

    found: Callable[[Ready, list[Finding]], None]
    done: Callable[[int, str], None]
    working: Callable[[str], None]


READ: Final = "read"
KEPT: Final = "kept"


class Examination:
    """Examines files of one repository.

    Args:
        repository: what tells it from others in the store.
        batch: files that a linter's process gets at once.
        per_file: findings of one linter in one file that are kept.
    """

    def __init__(
        self, repository: str, linters: Sequence[Ready], store: Store, export: Export, *, batch: int, per_file: int
    ) -> None:
        self._repository = repository
        self._linters = linters
        self._store = store
        self._export = export
        self._batch = batch
        self._per_file = per_file

    async def examine(self, entries: Sequence[Entry], source: Source, hooks: Hooks) -> None:
        """Examine files. A linter that fails is not asked again in this run."""
        tasks: list[_Task] = []
        for piece in _pieces(entries, _LOOKED_UP):
            tasks += await self._look_up(piece, hooks)
        for batch in _pieces(tasks, self._batch):
            await self._read(batch, source, hooks)

    async def _look_up(self, entries: Sequence[Entry], hooks: Hooks) -> list[_Task]:
        """Tell of what is kept; return what isn't."""
        wanted = {
            self._key(entry, ready): (entry, ready)
            for entry in entries
            for ready in self._linters
            if ready.linter.takes(entry.path)
        }
        kept = await self._store.results(list(wanted))
        tasks: dict[Entry, _Task] = {}
        for key, (entry, ready) in wanted.items():
            try:
                findings = unpacked(kept[key], ready.linter.name, shown(entry.path))
            except (KeyError, ValueError):
                tasks.setdefault(entry, _Task(entry, [])).missing.append(ready)
            else:
                hooks.found(ready, findings)
        hooks.done(len(entries) - len(tasks), KEPT)
        return list(tasks.values())

    async def _read(self, tasks: Sequence[_Task], source: Source, hooks: Hooks) -> None:
        files: list[tuple[_Task, Exported]] = []
        for task in tasks:
            try:
                content = await source.read(task.entry)
            except GitFailed:
                hooks.done(1, CHANGED)
                continue
            if is_binary(content):
                hooks.done(1, BINARY)
                continue
            files.append((task, await self._export.put(task.entry.path, content)))
        try:
            for ready in self._linters:
                own = [(task.entry, file) for task, file in files if ready in task.missing]
                if own and ready.outcome.status == "ok":
                    hooks.working(ready.linter.name)
                    await self._lint(ready, own, hooks)
        finally:
            await self._export.forget([file for _, file in files])
        hooks.done(len(files), READ)

    async def _lint(self, ready: Ready, own: Sequence[tuple[Entry, Exported]], hooks: Hooks) -> None:
        begun = time.perf_counter()
        try:
            found = await ready.linter.run([file for _, file in own], self._export.place)
        except LinterFailed as error:
            ready.outcome.status, ready.outcome.reason = "failed", str(error)[:500]
            return
        finally:
            ready.outcome.seconds += time.perf_counter() - begun
        by_path: dict[str, list[Finding]] = {}
        for finding in found:
            by_path.setdefault(finding.path, []).append(finding)
        results = {}
        for entry, file in own:
            marked = self._marked(ready, by_path.get(file.path, []), file)
            results[self._key(entry, ready)] = packed(marked)
            hooks.found(ready, marked)
        await self._store.keep(results)

    def _marked(self, ready: Ready, findings: Sequence[Finding], file: Exported) -> list[Finding]:
        if not findings:
            return []
        text = file.location.read_text(encoding="utf-8", errors="replace")  # it was written a moment ago
        marked = fingerprinted(findings, text)
        if len(marked) <= self._per_file:
            return marked
        more = f"and more findings of this linter in this file, over the first {self._per_file}, that aren't counted"
        name = ready.linter.name
        last = fingerprinted([make_finding(name, "too-many", "info", file.path, 0, 0, more)], "")
        return [*marked[: self._per_file], *last]

    def _key(self, entry: Entry, ready: Ready) -> str:
        return key_of(self._repository, entry.path, entry.blob, ready.linter.name, ready.stamp)


def _pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]
