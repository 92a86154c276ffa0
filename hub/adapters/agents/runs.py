"""Runs on the hub: made from the options, started, measured and stopped with it."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from agents.bus.bus import ENDING, Bus, BusOptions
from agents.bus.durations import Durations
from agents.catalog.catalog import Catalog
from agents.ports import Signals, TaskQueue
from agents.runs.claim import Claims
from agents.runs.execution import Means, Models
from agents.runs.gate import Gate
from agents.runs.leaving import Leaving
from agents.runs.metrics import RunMetrics
from agents.runs.options import RunOptions
from agents.runs.owner import Owners
from agents.runs.recollection import Memory, Recollection
from agents.runs.recovery import Recovery
from agents.runs.runs import Runs
from agents.runs.submission import Submission
from agents.runs.waiting import Waiters
from agents.runs.worker import RunWorker
from agents.store.database import Database
from channels.clock import Clock
from hub.adapters.agents.chat import Chat
from hub.sections.agents import AgentsOptions

ENDINGS = ("completed", "failed", "cancelled", "interrupted")


class AgentRuns:
    """Runs, and the workers of this process.

    Attributes:
        runs: what users have of them.
        bus: the workers.
    """

    def __init__(
        self,
        options: AgentsOptions,
        database: Database,
        chat: Chat,
        catalog: Catalog,
        memory: Memory,
        models: Models,
        queue: TaskQueue,
        signals: Signals,
        node: str,
        clock: Clock,
    ) -> None:
        bounds = run_options(options)
        self._drain = options.runs.drain
        self._metrics = RunMetrics()
        self.bus = Bus(queue, signals, BusOptions(options.concurrency, options.runs.workers, options.runs.lease), node)
        waiters = Waiters(signals)
        recollection = Recollection(memory, bounds)
        gate = Gate(options.pool_size, options.acquire_timeout)
        means = Means(chat.log, models, recollection, bounds, self._metrics, gate, node, clock.monotonic)
        owners = Owners(database)
        claims = Claims(chat.log, catalog, owners, models, node, bounds.lease)
        recovery = Recovery(database, chat.log, self.bus, waiters, bounds, self._metrics, node)
        self._worker = RunWorker(means, claims, self.bus, waiters, recovery)
        leaving = Leaving(signals, options.runs.removal + 2 * ENDING, clock.monotonic)
        submission = Submission(chat.log, catalog, self.bus, waiters, owners, claims, gate, leaving, bounds.waiting)
        self.runs = Runs(chat.log, self.bus, waiters, submission, leaving, options.runs.removal)
        catalog.hooks.stop += (self.runs.release,)
        chat.sessions.before_delete += (self.runs.stop_all,)

    def start(self) -> None:
        """Begin to take runs, once the tables are there."""
        self._worker.start()

    async def stop(self) -> None:
        """Take no more; what is at work has some seconds."""
        await self._worker.stop(self._drain)

    def collect(self) -> Iterator[Metric]:
        """Measure: without a label that says whose anything is."""
        metrics = self._metrics
        tasks = GaugeMetricFamily(
            "tocsin_agent_tasks",
            "Runs that haven't ended, of all users, by status; every process says the same, as of its last sweep.",
            labels=["status"],
        )
        for status in ("waiting", "queued", "running"):
            tasks.add_metric([status], metrics.open[status])
        yield tasks
        yield GaugeMetricFamily("tocsin_agent_tasks_here", "Runs at work in this process.", len(self.bus.working))
        ended = CounterMetricFamily("tocsin_agent_tasks_ended", "Runs that ended here, by status.", labels=["status"])
        for status in ENDINGS:
            ended.add_metric([status], metrics.ended[status])
        yield ended
        for name, text, number in (
            ("refused", "Messages that found their agent's queue full.", self.bus.refused),
            ("recovered", "Runs of processes that died, which were looked after here.", metrics.recovered),
            ("broken", "Runs that broke off by a mistake of the hub.", self.bus.broken),
        ):
            counter = CounterMetricFamily(f"tocsin_agent_tasks_{name}", text)
            counter.add_metric([], number)
            yield counter
        yield _histogram("wait", "From a run's creation to its start.", metrics.waited)
        yield _histogram("run", "From a run's start to its end.", metrics.took)
        yield _histogram("overhead", "From a run's start to the question to its model.", metrics.overhead)
        yield _histogram("first_token", "From a run's start to the first piece of its answer.", metrics.first_token)


def run_options(options: AgentsOptions) -> RunOptions:
    """Return the bounds that the options give."""
    runs = options.runs
    return RunOptions(
        flush_interval=runs.flush_interval,
        waiting=runs.waiting_per_session,
        lease=runs.lease,
        sweep=runs.sweep,
        attempts=runs.attempts,
        recall=runs.recall_timeout,
        remember=runs.remember_timeout,
        longest=runs.longest,
        characters=runs.answer_characters,
    )


def _histogram(name: str, text: str, durations: Durations) -> Metric:
    return HistogramMetricFamily(
        f"tocsin_agent_task_{name}_seconds", text, buckets=durations.cumulative(), sum_value=durations.seconds
    )
