"""Code analysis on the hub: its jobs, what they are bounded by, and what they count."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.adapters.analysis_desk import AnalysisDesk
from hub.embedded.folder import state_folder
from hub.sections.analysis import AnalysisOptions, LanguageModelOptions
from integrations.code_analysis.analysis import Limits, Request
from integrations.code_analysis.git import is_hash
from integrations.code_analysis.jobs import Analyses, Busy, Job, JobLimits, Means
from integrations.code_analysis.linter import Linter
from integrations.code_analysis.linters.catalog import make_linters
from integrations.code_analysis.process import Bounds
from integrations.code_analysis.roots import Roots
from integrations.code_analysis.store import Store
from integrations.code_analysis.summary import Model, Summariser

log = structlog.get_logger(__name__)


class Analysis:
    """Takes analyses from HTTP and webhooks.

    Attributes:
        jobs: those of this process.
        desk: those of all processes of the hub.
        pushes: pushes of forges by what became of them: `queued`, `unknown` (not in `analysis.repositories`),
            `refused`.
    """

    name = "analysis"

    def __init__(self, options: AnalysisOptions, hub: Surroundings) -> None:
        self.push = Push(hub.publish)
        self.pushes = {"queued": 0, "unknown": 0, "refused": 0}
        self._options = options
        self._roots = Roots(map(Path, options.roots))
        self._store = Store(
            folder_of(options), entries=options.kept_results, size=options.kept_results_bytes, now=hub.clock.now
        )
        self._summariser = Summariser(model_of(options.llm)) if options.llm.base_url else None
        means = Means(
            send=self.push,
            linters=self._linters,
            store=self._store,
            # What the operator maps by name is as good as a root.
            roots=Roots(map(Path, (*options.roots, *options.repositories.values()))),
            now=hub.clock.now,
            clock=hub.clock.monotonic,
            make_id=lambda: f"a-{secrets.token_hex(8)}",
            summarise=self._summariser,
            limits=limits_of(options),
        )
        self.jobs = Analyses(means, job_limits_of(options))
        self.desk = AnalysisDesk(self.jobs, hub.peers)

    async def start(self) -> None:
        """Nothing runs until somebody asks for it."""

    async def stop(self) -> None:
        """End all analyses, and say so on the channel."""
        await self.jobs.stop()
        await self._store.close()
        if self._summariser is not None:
            await self._summariser.close()

    async def submit(self, path: str, *, ref: str, base: str | None, tree: bool) -> Job:
        """Take an analysis of a repository under the roots.

        Raises:
            integrations.code_analysis.roots.Outside: it is none.
            integrations.code_analysis.jobs.Busy: too many wait.
        """
        folder = await asyncio.to_thread(self._roots.admit, path)
        return self.jobs.submit(Request(folder, ref, base, tree), str(folder))

    async def pushed(self, repository: str, commit: str) -> None:
        """Analyse what was pushed to a forge, if the configuration maps the repository. Never raises.

        Args:
            repository: its name there, such as `group/name`.
            commit: the whole hash.
        """
        folder = self._options.repositories.get(repository)
        if folder is None:
            self.pushes["unknown"] += 1
            return
        if not is_hash(commit):
            self._refuse(repository, "expected the whole hash of a commit")
            return
        try:
            path = await asyncio.to_thread(Path(folder).resolve)
            self.jobs.submit(Request(path, commit, fetch=self._options.fetch), repository)
        except (Busy, OSError, RuntimeError) as error:
            self._refuse(repository, str(error))
        else:
            self.pushes["queued"] += 1

    def _refuse(self, repository: str, reason: str) -> None:
        self.pushes["refused"] += 1
        log.warning("a push is not analysed", repository=repository[:256], reason=reason)

    def _linters(self) -> Sequence[Linter]:
        options = self._options
        bounds = Bounds(options.linter_timeout, options.output_bytes, options.memory_bytes)
        return make_linters(options.linters, bounds)

    def collect(self) -> Iterator[Metric]:
        """Measure the jobs."""
        jobs = self.jobs
        running, queued = jobs.counts()
        yield GaugeMetricFamily("tocsin_analysis_running", "Analyses that run.", value=running)
        yield GaugeMetricFamily("tocsin_analysis_queued", "Analyses that wait.", value=queued)
        yield CounterMetricFamily("tocsin_analysis_seconds", "Seconds that analyses took.", value=jobs.seconds)
        yield CounterMetricFamily(
            "tocsin_analysis_store_failures",
            "Times that kept results couldn't be read or written.",
            value=self._store.failures,
        )
        findings = CounterMetricFamily(
            "tocsin_analysis_findings", "Findings of analyses.", labels=["linter", "severity"]
        )
        for (linter, severity), number in sorted(jobs.findings.items()):
            findings.add_metric([linter, severity], number)
        yield findings
        yield _by("runs", "Analyses that are over.", "outcome", jobs.outcomes)
        yield _by("files", "Files of analyses.", "how", jobs.files)
        yield _by("linter_failures", "Linters that failed in an analysis.", "linter", jobs.linter_failures)
        yield _by("summaries", "Summaries asked of a language model.", "outcome", jobs.summaries)
        yield _by("forge_pushes", "Pushes that forges told of.", "outcome", self.pushes)


def _by(name: str, text: str, label: str, numbers: dict[str, int]) -> Metric:
    family = CounterMetricFamily(f"tocsin_analysis_{name}", text, labels=[label])
    for word, number in sorted(numbers.items()):
        family.add_metric([word], number)
    return family


def folder_of(options: AnalysisOptions) -> Path:
    """Return where results are kept."""
    return Path(options.folder) if options.folder else state_folder(os.environ, Path.home()) / "analysis"


def limits_of(options: AnalysisOptions) -> Limits:
    """Return the bounds of one analysis."""
    return Limits(
        files=options.max_files,
        file_bytes=options.max_file_bytes,
        findings=options.kept_findings,
        per_file=options.findings_per_file,
        batch=options.batch_files,
        own_configuration=options.own_configuration,
        git=Bounds(options.git_timeout, options.output_bytes, options.memory_bytes),
    )


def job_limits_of(options: AnalysisOptions) -> JobLimits:
    """Return the bounds of all analyses together."""
    return JobLimits(
        concurrency=options.concurrency,
        queue=options.queue,
        kept=options.kept_jobs,
        timeout=options.timeout,
        findings=options.published_findings,
        interval=options.progress_interval,
    )


def model_of(options: LanguageModelOptions) -> Model:
    """Return where the model is."""
    return Model(
        url=options.base_url,
        name=options.model,
        key=options.api_key.get_secret_value(),
        timeout=options.timeout,
        tokens=options.max_tokens,
        stream=options.stream,
        retries=options.retries,
    )
