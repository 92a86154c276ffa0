"""One analysis from its beginning to its end: which commit, which files, which linters, what they found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from integrations.code_analysis.comparison import Before
from integrations.code_analysis.examination import KEPT, READ, Examination, Hooks, Ready
from integrations.code_analysis.export import Export, configuration_of, exporting, neighbours
from integrations.code_analysis.finding import Finding
from integrations.code_analysis.git import Entry, GitFailed, Repository, open_repository
from integrations.code_analysis.linter import Linter, LinterAbsent, LinterFailed
from integrations.code_analysis.process import Bounds
from integrations.code_analysis.report import Outcome, Report, Watcher
from integrations.code_analysis.roots import Roots
from integrations.code_analysis.selection import differing, select
from integrations.code_analysis.source import open_source, working_tree
from integrations.code_analysis.store import Run, Store

_GIT: Final = Bounds()
_MARKS_MAX: Final = 200_000
"""Findings of a run that can be compared: about 20 MB while it lasts."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one analysis may take.

    Attributes:
        files, file_bytes: files looked at, and bytes of one.
        findings: that are kept to be read later; the others are counted.
        per_file: findings of one linter in one file.
        batch: files that a linter's process gets at once.
        own_configuration: believe the repository's own configuration of linters.
        git: bounds of each process of Git.
    """

    files: int = 20_000
    file_bytes: int = 1 << 20
    findings: int = 2_000
    per_file: int = 500
    batch: int = 100
    own_configuration: bool = False
    git: Bounds = _GIT


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be analysed.

    Attributes:
        path: the repository.
        ref: a branch, tag or commit.
        base: only what differs from this commit.
        tree: the working tree as it is, and not a commit.
        fetch: get `ref`, which is a commit's hash then, from `origin` when it isn't there.
        below: `path` may be a folder inside of a working tree.
    """

    path: Path
    ref: str = "HEAD"
    base: str | None = None
    tree: bool = False
    fetch: bool = False
    below: bool = False


async def analyse(
    request: Request,
    linters: Sequence[Linter],
    store: Store,
    limits: Limits,
    watcher: Watcher,
    roots: Roots | None = None,
) -> Report:
    """Analyse a repository.

    Args:
        roots: where all of the repository has to be; `None`: anywhere.

    Raises:
        GitFailed: it can't be read, or there is no such commit.
        Outside: it leads out of the roots.
    """
    repository = await open_repository(request.path, limits.git, below=request.below)
    if roots is not None:
        await asyncio.to_thread(roots.require_inside, repository.git_dir)
    report = Report(request.ref, request.tree)
    work = _Work(request, repository, store, limits, watcher, report)
    report.commit = await work.commit()
    await work.run(linters)
    return report


class _Work:
    def __init__(
        self, request: Request, repository: Repository, store: Store, limits: Limits, watcher: Watcher, report: Report
    ) -> None:
        self._request = request
        self._repository = repository
        self._store = store
        self._limits = limits
        self._watcher = watcher
        self._report = report
        self._marks: dict[str, list[str]] = {}
        self._number = 0
        self._before: Before | None = None

    async def commit(self) -> str:
        """Return the commit, fetched if need be."""
        request, repository = self._request, self._repository
        try:
            return await repository.resolve("HEAD" if request.tree else request.ref)
        except GitFailed:
            if not request.fetch:
                raise
        await repository.fetch(request.ref)
        return await repository.resolve(request.ref)

    async def run(self, linters: Sequence[Linter]) -> None:
        """Do it all."""
        report, limits, repository = self._report, self._limits, self._repository
        entries = await self._entries()
        chosen, old = entries, list[Entry]()
        if self._request.base is not None:
            report.base = await repository.resolve(self._request.base)
            chosen, old = differing(entries, await repository.tree(report.base))
        selection = select(chosen, linters, largest=limits.file_bytes, most=limits.files)
        earlier = select(old, linters, largest=limits.file_bytes, most=limits.files).files
        report.files, report.skipped = len(selection.files), selection.skipped
        configuring, digest = configuration_of(entries) if limits.own_configuration else ([], "")
        ready = await self._ready(linters, selection.files, earlier, digest)
        self._watcher.started(report)
        async with exporting(own=limits.own_configuration) as export:
            if limits.own_configuration:
                await self._lay_out(export, configuring, entries)
            examination = Examination(
                str(repository.git_dir), ready, self._store, export, batch=limits.batch, per_file=limits.per_file
            )
            self._before = await self._earlier(examination, ready, earlier)
            async with open_source(repository, tree=self._request.tree) as source:
                await examination.examine(selection.files, source, Hooks(self._found, self._done, self._working))
        await self._conclude(ready)

    async def _entries(self) -> list[Entry]:
        if self._request.tree:
            return await working_tree(self._repository, self._limits.file_bytes)
        return await self._repository.tree(self._report.commit)

    async def _ready(
        self, linters: Sequence[Linter], files: Sequence[Entry], earlier: Sequence[Entry], digest: str
    ) -> list[Ready]:
        """Ask the linters that have something to read for their versions."""
        outcomes = [Outcome(linter.name) for linter in linters]
        self._report.outcomes = outcomes
        pairs = list(zip(linters, outcomes, strict=True))
        needed = []
        for linter, outcome in pairs:
            if any(linter.takes(entry.path) for entry in (*files, *earlier)):
                needed.append((linter, outcome))
            else:
                outcome.status, outcome.reason = "skipped", "no file for it"
        await asyncio.gather(*(_ask_version(linter, outcome) for linter, outcome in needed))
        return [
            Ready(linter, f"{outcome.version}|{linter.settings}|{digest}", outcome)
            for linter, outcome in needed
            if outcome.status == "ok" and outcome.version is not None
        ]

    async def _lay_out(self, export: Export, configuring: Sequence[Entry], entries: Sequence[Entry]) -> None:
        await export.surround(neighbours(entries))
        async with open_source(self._repository, tree=self._request.tree) as source:
            for entry in configuring:
                if entry.size <= self._limits.file_bytes:
                    await export.put(entry.path, await source.read(entry))

    async def _earlier(self, examination: Examination, ready: Sequence[Ready], files: Sequence[Entry]) -> Before | None:
        """Return what to compare with: the base's findings in what differs, or the repository's latest run."""
        current = {each.linter.name: each.stamp for each in ready}
        if self._report.base is None:
            run = await self._store.latest(str(self._repository.git_dir))
            return None if run is None else Before(run, current)
        marks: dict[str, list[str]] = {name: [] for name in current}

        def remember(each: Ready, findings: list[Finding]) -> None:
            marks[each.linter.name] += [finding.fingerprint for finding in findings]

        async with open_source(self._repository, tree=False) as source:
            hooks = Hooks(remember, lambda _number, _how: None, self._working)
            await examination.examine(files, source, hooks)
        return Before(Run(self._report.base, current, marks), current)

    def _found(self, ready: Ready, findings: list[Finding]) -> None:
        report, name = self._report, ready.linter.name
        ready.outcome.files += 1
        ready.outcome.findings += len(findings)
        marks = self._marks.setdefault(name, [])
        for finding in findings:
            report.total += 1
            report.severities[finding.severity] += 1
            report.kinds[name, finding.severity] += 1
            if len(report.findings) < self._limits.findings:
                report.findings.append(finding)
            if report.total <= _MARKS_MAX:
                marks.append(finding.fingerprint)
            known = None if self._before is None else self._before.has(name, finding.fingerprint)
            self._watcher.found(report, finding, None if known is None else not known)

    def _done(self, number: int, how: str) -> None:
        report = self._report
        report.done += number
        if how == KEPT:
            report.cached += number
        elif how != READ:
            report.skipped[how] += number
        self._watcher.progressed(report, None)

    def _working(self, linter: str) -> None:
        self._watcher.progressed(self._report, linter)

    async def _conclude(self, ready: Sequence[Ready]) -> None:
        report = self._report
        if report.total > len(report.findings):
            report.notes.append(f"{report.total - len(report.findings)} findings are counted and not kept")
        finished = {each.linter.name: each.stamp for each in ready if each.outcome.status == "ok"}
        marks = {name: self._marks.get(name, []) for name in finished}
        if report.total > _MARKS_MAX:
            report.notes.append(f"not compared: there are more than {_MARKS_MAX} findings")
            return
        if self._before is not None:
            report.comparison = self._before.compare(marks)
        if report.base is None and not report.tree:
            await self._store.remember(str(self._repository.git_dir), Run(report.commit, finished, marks))


async def _ask_version(linter: Linter, outcome: Outcome) -> None:
    try:
        outcome.version = await linter.version()
    except LinterAbsent as error:
        outcome.status, outcome.reason = "skipped", str(error)[:500]
    except LinterFailed as error:
        outcome.status, outcome.reason = "failed", str(error)[:500]
