"""What adapters get of a hub, with doubles around it."""

from __future__ import annotations

from typing import Any

from channels.clock import Clock
from channels.local import LocalClaims, LocalNodes, LocalNoticeboard
from channels.messages import HubStats
from hub.adapters.adapter import Surroundings
from hub.notices import Notices
from hub.peers import Peers
from hub.reports import Reports
from hub.tasks import Tasks
from integrations.system_monitor.stats import ServiceNumbers
from integrations.system_monitor.vitals import HubVitals
from tests.message_examples.hub import EXAMPLES

CALM = HubVitals(0, 0, 0.0, 0, 100, 0, 0, 10, 0, 0, 10, 0.0, 0.0)


def surroundings(clock: Clock, posts: list[tuple[str, str, Any]] | None = None) -> Surroundings:
    """Make those of a single process. What is published goes to `posts`."""

    def publish(channel: str, type: str, data: Any) -> bool:
        if posts is not None:
            posts.append((channel, type, data))
        return True

    nodes, tasks = LocalNodes("n-1"), Tasks()
    notices = Notices(LocalNoticeboard(clock))
    notices.start()
    peers = Peers(nodes, Reports(nodes, clock), tasks, alone=True)
    numbers = ServiceNumbers(0, 0, 0, 0.0, 0)

    async def measure() -> HubStats:
        return HubStats.model_validate(EXAMPLES["hub_stats"])

    claims = LocalClaims(clock)
    unused: Any = None
    return Surroundings(
        **dict.fromkeys(Surroundings.__dataclass_fields__, unused)
        | {
            "publish": publish,
            "clock": clock,
            "tasks": tasks,
            "claims": claims,
            "notices": notices,
            "peers": peers,
            "node": "n-1",
            "numbers": lambda: numbers,
            "vitals": lambda: CALM,
            "measure": measure,
        }
    )
