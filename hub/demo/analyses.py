"""The act of the code analysis: linters on each commit of a repository of the demo's own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from channels.push import Push
from hub.demo.repository import NoGit, Repository
from hub.demo.stage import Stage
from integrations.code_analysis.analysis import Request
from integrations.code_analysis.jobs import Analyses, Job, JobLimits, Means
from integrations.code_analysis.linters.catalog import LINTERS, make_linters
from integrations.code_analysis.process import Bounds
from integrations.code_analysis.store import Store

_PAUSE: Final = 12.0
"""Seconds between two commits."""
_BOUNDS: Final = Bounds(60.0, 8 << 20, 2 << 30)

Pushed = Callable[[str, str], Awaitable[None]]
"""Told of a commit: its hash, and what it says."""


async def play(stage: Stage, pushed: Pushed | None = None) -> None:
    """Commit and analyse, until cancelled.

    Args:
        pushed: told of each commit.
    """
    tell = stage.telling("code analysis")
    repository = Repository(stage.folder / "shop")
    try:
        await repository.make()
    except NoGit as error:
        tell(f"nothing is analysed: {error}")
        return
    store = Store(None, entries=10_000, size=16 << 20, now=stage.clock.now)
    means = Means(
        send=Push(stage.publish),
        linters=lambda: make_linters(LINTERS, _BOUNDS),
        store=store,
        roots=None,
        now=stage.clock.now,
        clock=stage.clock.monotonic,
        make_id=lambda: f"a-{secrets.token_hex(8)}",
    )
    jobs = Analyses(means, JobLimits())
    try:
        while True:
            job = jobs.submit(Request(repository.folder), "demo/shop")
            tell(f"commit {repository.commits} is analysed")
            while not job.is_over:  # noqa: ASYNC110 - a job tells nobody but the channel
                await asyncio.sleep(0.1)
            tell(result(job, repository.commits))
            stage.notebook.note("analysis", result(job, repository.commits))
            await asyncio.sleep(_PAUSE * stage.pace)
            commit = await repository.commit()
            if pushed is not None:
                await pushed(commit, f"Change {repository.commits}")
    finally:
        await jobs.stop()
        await store.close()


def result(job: Job, number: int) -> str:
    """Say how an analysis ended."""
    if job.report is None or job.state != "completed":
        return f"the analysis of commit {number} {job.state}: {job.reason or 'no reason'}"
    report = job.report
    return f"commit {number}: {report.total} findings in {report.files} files, {report.cached} of them known already"
