"""The parts that join processes, put together. On real sockets: tests/integration/test_across*.py."""

from __future__ import annotations

from typing import Any

from channels.local import LocalNodes, LocalNoticeboard
from channels.ports import Nodes
from hub.across import Across, join
from hub.connections import Connections
from hub.notices import Notices
from hub.options import LimitOptions
from hub.tasks import Tasks
from tests.joined import JoinedNodes, Junction
from tests.kit import ManualClock
from tests.unit.hub.stage import Stage


def process(nodes: Nodes) -> Across:
    stage, clock = Stage(), ManualClock()
    notices = Notices(LocalNoticeboard(clock))
    connections = Connections(LimitOptions())
    return join(nodes, notices, stage.engine, connections, stage.fanout, clock, Tasks(), lambda: b"")


async def test_a_process_reports_and_answers() -> None:
    """From when it is put together."""
    junction = Junction(ManualClock())
    a, _ = process(JoinedNodes(junction, "a")), process(JoinedNodes(junction, "b"))
    assert a.node == "a"
    assert [node["node"] for node in (await a.census.whole())["nodes"]] == ["a", "b"]
    questions: dict[str, dict[str, Any]] = {
        "disconnect": {"by": "user", "value": "x", "code": 4003},
        "owners": {"client_id": "x"},
        "send": {"client_id": "x", "user": None, "message": {}},
        "expel": {"channel": "room:x", "user": "x"},
        "rank connections": {"wanted": {}, "order": {}, "most": 1},
        "list connections": {"wanted": {}, "order": {}, "slices": {"b": (0, 1)}},
        "metrics": {},
    }
    for question, about in questions.items():
        assert not (await a.peers.ask(question, about)).partial, question


async def test_one_process_is_known_to_be_alone() -> None:
    """It asks nobody."""
    assert process(LocalNodes()).peers.alone
    assert not process(JoinedNodes(Junction(ManualClock()))).peers.alone
