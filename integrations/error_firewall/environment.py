"""What the environment really has, asked again before a block: a rule about a missing device ends when it is there.

A resource is asked at most once per `max_age`, never by two at once, and never waited for longer than its time-out. A
provider that fails or hangs is left alone for a while; until then nobody knows what there is, and the verdict says so.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from channels import Clock, SystemClock
from integrations.error_firewall.call import Call
from integrations.error_firewall.model import Entry, Requirement
from integrations.error_firewall.rules import path_of, scalar_key, value_at

Items = Iterable[Mapping[str, Any]]
Provider = Callable[[], Items | Awaitable[Items]]

MOST_ITEMS: Final = 10_000
"""Items of a resource that are looked at."""


@dataclass(slots=True)
class _Resource:
    provider: Provider
    covers: Mapping[str, Mapping[str, str]]
    timeout: float
    max_age: float
    asking: threading.Lock = field(default_factory=threading.Lock)
    task: asyncio.Task[None] | None = None
    items: list[Mapping[str, Any]] | None = None
    ask_again: float = 0.0
    problem: str = "was not asked yet"


class Environment:
    """A registry of resources, such as the simulators that are installed. Callable from any thread."""

    def __init__(self, clock: Clock | None = None, retry_after: float = 5.0) -> None:
        """`retry_after`: seconds for which a provider that failed isn't asked."""
        self._clock = clock or SystemClock()
        self._retry_after = retry_after
        self._resources: dict[str, _Resource] = {}

    def register(
        self,
        name: str,
        provider: Provider,
        *,
        covers: Mapping[str, Mapping[str, str]] | None = None,
        timeout: float = 2.0,
        max_age: float = 30.0,
    ) -> None:
        """Add a resource, or replace it.

        Args:
            provider: returns the items that there are, or an awaitable of them. Called on a thread or, if it is a
                coroutine function, on the loop of an asynchronous check (a synchronous check runs it on a thread).
            covers: operation → field of an item → field of the call: entries of these operations that name no
                requirement of their own have this one (`{"ios_build": {"name": "params.device"}}`).
            timeout: seconds that a check waits for it.
            max_age: seconds for which its answer holds.
        """
        self._resources[name] = _Resource(provider, covers or {}, timeout, max_age)

    def requirement_of(self, entry: Entry) -> Requirement | None:
        """Return what ends an entry: its own requirement, or that of a resource that covers its operation."""
        if entry.requirement is not None or not self._resources:
            return entry.requirement
        for name, resource in self._resources.items():
            if entry.operation in resource.covers:
                return Requirement(name, resource.covers[entry.operation])
        return None

    def is_stale(self, name: str) -> bool:
        """Tell whether a resource should be asked before its items are relied on."""
        resource = self._resources.get(name)
        return resource is not None and self._clock.monotonic() >= resource.ask_again

    def has(self, requirement: Requirement, call: Call) -> bool:
        """Tell whether the environment has what the call asks for, as far as it was asked.

        Raises:
            LookupError: nobody knows; the text says why.
        """
        resource = self._resources.get(requirement.resource)
        if resource is None:
            raise LookupError(f"resource {requirement.resource!r} is not registered here")
        if resource.items is None:
            raise LookupError(f"resource {requirement.resource!r} {resource.problem}")
        wanted = {name: scalar_key(value_at(call, path_of(path))) for name, path in requirement.fields.items()}
        return bool(wanted) and any(_fits(item, wanted) for item in resource.items)

    def refresh(self, name: str) -> None:
        """Ask a resource from a thread, waiting for its time-out at most. Who comes meanwhile waits as long."""
        resource = self._resources[name]
        done = threading.Event()

        def ask() -> None:
            try:
                found = resource.provider()
                if inspect.isawaitable(found):
                    found = asyncio.run(asyncio.wait_for(_await(found), resource.timeout))
                if not done.is_set():
                    self._answer(resource, found)
            except Exception as error:
                self._fail(resource, f"could not be asked ({type(error).__name__})")
            finally:
                done.set()

        if not resource.asking.acquire(timeout=resource.timeout):
            return
        try:
            if not self.is_stale(name):
                return  # somebody else has just asked
            # A thread for each asking, which is rare, and a daemon: a provider that hangs can't keep the process alive.
            threading.Thread(target=ask, name=f"firewall resource {name}", daemon=True).start()
            if not done.wait(resource.timeout):
                done.set()
                self._fail(resource, f"did not answer within {resource.timeout:g} s")
        finally:
            resource.asking.release()

    async def refresh_async(self, name: str) -> None:
        """Ask a resource without holding up the loop."""
        resource = self._resources[name]
        if not inspect.iscoroutinefunction(resource.provider):
            await asyncio.to_thread(self.refresh, name)
            return
        loop, asking = asyncio.get_running_loop(), resource.task
        if asking is None or asking.done() or asking.get_loop() is not loop:
            asking = loop.create_task(self._ask(resource, resource.provider()), name=f"firewall resource {name}")
            resource.task = asking
        await asyncio.shield(
            asking
        )  # shared: who is cancelled doesn't take it from the others; it ends by its time-out

    async def _ask(self, resource: _Resource, asked: Awaitable[Items]) -> None:
        try:
            async with asyncio.timeout(resource.timeout):
                self._answer(resource, await asked)
        except TimeoutError:
            self._fail(resource, f"did not answer within {resource.timeout:g} s")
        except Exception as error:
            self._fail(resource, f"could not be asked ({type(error).__name__})")

    def _answer(self, resource: _Resource, items: Any) -> None:
        resource.items = [item for item, _ in zip(items, range(MOST_ITEMS), strict=False)]
        resource.ask_again = self._clock.monotonic() + resource.max_age

    def _fail(self, resource: _Resource, problem: str) -> None:
        resource.items = None
        resource.problem = problem
        resource.ask_again = self._clock.monotonic() + self._retry_after


async def _await(found: Awaitable[Items]) -> Items:
    return await found


def _fits(item: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(name in item and scalar_key(item[name]) == value for name, value in wanted.items())
