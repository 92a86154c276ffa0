"""A build service that makes each mistake once: what failed is stopped before it runs, and says what to do instead.

TOCSIN_URL=http://127.0.0.1:8080 python examples/error_firewall.py

Who follows the channel `error_firewall` sees all of it. Without a hub the program does the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from channels.push import Push
from integrations.error_firewall.environment import Environment
from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.guard import Blocked
from integrations.error_firewall.model import Solution
from tocsin_client import flush, notify_channel

SIMULATORS = [{"device": "iPhone 15 Pro", "os": "17.2"}]
"""What this machine has. A real service would ask `xcrun simctl list devices --json`."""


class DeviceNotFound(Exception):
    """There is no such simulator."""


def simulators() -> list[dict[str, str]]:
    """List what the machine has now."""
    return SIMULATORS


environment = Environment()
environment.register("simulators", simulators, covers={"ios_build": {"device": "device", "os": "os"}}, max_age=0.0)
firewall = ErrorFirewall(push=Push(notify_channel), environment=environment)


@firewall.guard("ios_build")
def build(device: str, os: str) -> str:
    """Build for a simulator."""
    if {"device": device, "os": os} not in SIMULATORS:
        raise DeviceNotFound(f"no simulator {device} with iOS {os}")
    return f"built for {device} with iOS {os}"


def attempt(wanted: Mapping[str, str]) -> None:
    """Build, and say how it went."""
    try:
        print(build(**wanted))
    except DeviceNotFound as error:
        print("failed:", error)
    except Blocked as blocked:
        solution = blocked.verdict.solution
        print("blocked; instead:", solution.text if solution else "unknown")


async def main() -> None:
    """Fail once, learn, and be stopped; then install what was missing."""
    wanted = {"device": "iPhone 15", "os": "17.0"}
    attempt(wanted)
    (record,) = firewall.index.entries()
    solution = Solution("iPhone 15 Pro, 17.2", {"device": "iPhone 15 Pro", "os": "17.2"})
    await firewall.confirm(record.id, by="alice", reason="looked it up", solution=solution)
    attempt(wanted)
    attempt(solution.params)
    attempt({**wanted, "os": "17.2"})
    SIMULATORS.append(wanted)
    attempt(wanted)
    numbers = firewall.statistics
    print(f"{numbers.checks} checks, {numbers.blocks} blocked, {numbers.passes} passed")
    flush(2.0)


if __name__ == "__main__":
    asyncio.run(main())
