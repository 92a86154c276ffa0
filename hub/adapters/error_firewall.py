"""The error firewall on the hub: its options, its place in the database, its upkeep and its metrics."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import structlog
from prometheus_client import Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.sections.error_firewall import ErrorFirewallOptions
from integrations.error_firewall.environment import Environment
from integrations.error_firewall.model import Entry, FailMode, Record, Status, Verdict
from integrations.error_firewall.options import Options
from integrations.error_firewall.overriding import Override
from integrations.error_firewall.ports import StoreUnavailable
from integrations.error_firewall.postgres import Pool, PostgresStore, Resource

if TYPE_CHECKING:
    from integrations.error_firewall.firewall import ErrorFirewall

log = structlog.get_logger(__name__)

PRUNE_INTERVAL: Final = 60.0
"""Seconds between two looks for verdicts that have been kept long enough, at most."""
PRUNE_BATCH: Final = 10_000
"""Verdicts that are dropped in one transaction."""
_UNTIL_CHANGED: Final = 1e9
"""Seconds for which the items of a resource hold: until others are reported, and then it is registered anew."""
_CHECK_TIMES: Final = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1, 1.0)


class Firewall:
    """The error firewall of this process. It answers from memory, whether the database is there or not.

    Args:
        pool: of the hub's database.
        connect: makes a connection to that database, to hear of changes.

    Attributes:
        firewall: what checks and records.
        store: where it keeps everything.
        resources: what the environment has, as it was reported last, by name.
    """

    name = "error_firewall"

    def __init__(
        self,
        options: ErrorFirewallOptions,
        hub: Surroundings,
        pool: Pool,
        connect: Callable[[], Awaitable[asyncpg.Connection[Any]]],
    ) -> None:
        self.push = Push(hub.publish)
        self.options = options
        self.resources: dict[str, Resource] = {}
        self.store = PostgresStore(pool, connect, options.database_schema, options.database_timeout)
        self.store.resources.listener = self._register
        self._clock = hub.clock
        environment = Environment(hub.clock)
        # It compares with NumPy, which hubs without a firewall don't load.
        self.firewall: ErrorFirewall = import_module("integrations.error_firewall.firewall").ErrorFirewall(
            self.store,
            self.push,
            firewall_options(options, hub.node),
            hub.clock,
            environment=environment,
            # Who may is settled where callers are known: hub.http.api.firewall.
            may_override=lambda _actor, _operation: True,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._times = Histogram(
            "tocsin_firewall_check_seconds", "Time that checks took.", buckets=_CHECK_TIMES, registry=None
        )

    async def start(self) -> None:
        """Begin to load what is known. Waits for no database."""
        self._spawn(self.firewall.run(), "error firewall")
        if self.options.retention:
            self._spawn(self._prune_on_and_on(), "error firewall retention")

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_log_failure)
        self._tasks.append(task)

    async def stop(self) -> None:
        """End; what is noted is written first, if the database takes it in time."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.store.listening.close()

    async def check(
        self,
        operation: str,
        params: dict[str, Any],
        context: dict[str, Any],
        actor: str,
        override: Override | None = None,
    ) -> Verdict:
        """Check a call for somebody, and measure the time."""
        verdict = await self.firewall.check_async(operation, params, context, actor=actor, override=override)
        self._times.observe(verdict.ms / 1_000)
        return verdict

    async def put_resource(self, resource: Resource) -> Resource:
        """Keep what the environment has. This process knows it when that returns, the others within milliseconds.

        Raises:
            StoreUnavailable: nothing was changed.
        """
        kept = await self.store.resources.put(resource)
        self._register([kept])
        return kept

    def _register(self, resources: Sequence[Resource]) -> None:
        for resource in resources:
            known = self.resources.get(resource.name)
            if known is not None and known.version >= resource.version:
                continue  # it was read before the newer one was put, and comes after it
            self.resources[resource.name] = resource
            provide = _provider(resource)
            self.firewall.environment.register(resource.name, provide, covers=resource.covers, max_age=_UNTIL_CHANGED)

    async def _prune_on_and_on(self) -> None:
        retention = self.options.retention
        pause = min(PRUNE_INTERVAL, max(0.1, retention / 2))
        while True:
            try:
                while await self.store.prune(self._clock.now() - retention, PRUNE_BATCH) == PRUNE_BATCH:
                    pass
            except StoreUnavailable:
                pass  # there is time
            await asyncio.sleep(pause)

    def by_status(self) -> tuple[dict[str, int], dict[str, int]]:
        """Count records and rules by their status."""
        entries: list[Entry] = self.firewall.index.entries()
        counts = Counter((isinstance(entry, Record), entry.status) for entry in entries)
        records = {status.value: counts[True, status] for status in Status}
        return records, {status.value: counts[False, status] for status in Status}

    def collect(self) -> Iterator[Metric]:
        """Measure it."""
        numbers = self.firewall.statistics
        verdicts = CounterMetricFamily("tocsin_firewall_verdicts", "Checks by their verdict.", labels=["verdict"])
        kinds = {"allow": numbers.passes, "warn": numbers.warns, "block": numbers.blocks}
        for kind, number in {**kinds, "overridden": numbers.overrides}.items():
            verdicts.add_metric([kind], number)
        yield verdicts
        records, rules = self.by_status()
        for name, text, counts in (
            ("tocsin_firewall_records", "Recorded errors that are known, by status.", records),
            ("tocsin_firewall_rules", "Rules that are known, by status.", rules),
        ):
            gauge = GaugeMetricFamily(name, text, labels=["status"])
            for status, count in counts.items():
                gauge.add_metric([status], count)
            yield gauge
        yield from self._times.collect()
        problems = self.firewall.problems
        yield GaugeMetricFamily(
            "tocsin_firewall_degraded", "1 while checks can't be made as they should.", bool(problems)
        )
        for name, text, total in (
            ("tocsin_firewall_degraded_checks", "Checks that could not be made as they should.", numbers.degraded),
            ("tocsin_firewall_recorded", "Errors that were recorded.", numbers.recorded),
            ("tocsin_firewall_failed", "Errors and outcomes that could not be recorded.", numbers.failed),
            ("tocsin_firewall_false_blocks", "Blocks that were wrong, as far as reported.", numbers.false_blocks),
            (
                "tocsin_firewall_audit_dropped",
                "Verdicts and others lost to the database.",
                numbers.unwritten,
            ),
        ):
            counter = CounterMetricFamily(name, text)
            counter.add_metric([], total)
            yield counter
        yield GaugeMetricFamily(
            "tocsin_firewall_false_block_rate", "False blocks by all blocks.", numbers.false_block_rate or 0.0
        )


def _provider(resource: Resource) -> Callable[[], Awaitable[Sequence[Any]]]:
    async def provide() -> Sequence[Any]:
        return resource.items

    return provide


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task failed", task=task.get_name(), exc_info=error)


def firewall_options(options: ErrorFirewallOptions, node: str) -> Options:
    """Take from the section `error_firewall` what is the firewall's own."""
    return Options(
        dry_run=options.dry_run,
        fail_mode=FailMode(options.fail_mode),
        similarity_threshold=options.similarity_threshold,
        most_entries=options.entries,
        most_vectors=options.compared,
        most_notes=options.waiting,
        passes_per_second=options.passed_per_second,
        records_per_second=options.recorded_per_second,
        quiet_below=options.quiet_below,
        demote_below=options.demote_below,
        observed_for=options.expiry,
        node=node,
    )


def make_firewall(options: ErrorFirewallOptions, hub: Surroundings, pool: Pool, dsn: str, timeout: float) -> Firewall:
    """Make the firewall of a hub.

    Args:
        dsn: of its database; a secret.
        timeout: seconds that connecting may take.
    """

    async def connect() -> asyncpg.Connection[Any]:
        return await asyncpg.connect(dsn, timeout=timeout, server_settings={"application_name": "tocsin firewall"})

    return Firewall(options, hub, pool, connect)
