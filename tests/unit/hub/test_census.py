"""How many there are, here and in the whole hub."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from channels.policy import Principal
from hub import census as census_module
from hub.census import FRESH, Census
from hub.connections import Connections
from hub.options import LimitOptions
from hub.peers import Peers
from hub.reports import Reports
from hub.tasks import Tasks
from tests.joined import JoinedNodes, Junction
from tests.kit import ManualClock, RecordingSubscriber
from tests.unit.hub.stage import Stage


class Process:
    """One of several, with a census."""

    def __init__(self, junction: Junction, name: str) -> None:
        self.stage = Stage()
        self.nodes = JoinedNodes(junction, name)
        connections = Connections(LimitOptions())
        reports = Reports(self.nodes, junction.clock)
        peers = Peers(self.nodes, reports, Tasks(), deadline=0.05)
        counters = self.stage.fanout.counters
        self.census = Census(self.stage.engine, connections, counters, junction.clock, peers, reports)
        self.nodes.report(self.census.report)

    def subscribe(self, *channels: str) -> None:
        """Put one more subscriber on these."""
        subscriber = RecordingSubscriber(principal=Principal())
        for channel in channels:
            self.stage.engine.registry.add(subscriber, channel)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def pair(clock: ManualClock) -> tuple[Process, Process]:
    junction = Junction(clock)
    return Process(junction, "a"), Process(junction, "b")


async def test_a_channel_counts_once(pair: tuple[Process, Process]) -> None:
    """However many processes have subscribers on it; their numbers add up."""
    here, there = pair
    here.subscribe("news", "room:x")
    there.subscribe("news", "alerts")
    there.subscribe("news")
    whole = await here.census.whole()
    assert whole["channel_stats"] == {"news": 3, "room:x": 1, "alerts": 1}
    assert whole["active_channels"] == ["news", "room:x", "alerts"]
    assert (whole["total_channels"], len(whole["nodes"])) == (3, 2)
    assert here.census.count()["total_channels"] == 2


async def test_others_are_asked_now_and_then(pair: tuple[Process, Process], clock: ManualClock) -> None:
    """This process is counted as of now; the others aren't asked again within a moment."""
    here, there = pair
    there.subscribe("news")
    assert (await here.census.whole())["channel_stats"] == {"news": 1}
    here.subscribe("news")
    there.subscribe("news")
    assert (await here.census.whole())["channel_stats"] == {"news": 2}
    clock.advance(FRESH)
    assert (await here.census.whole())["channel_stats"] == {"news": 3}


async def test_of_who_does_not_answer_the_last_heartbeat_counts(
    pair: tuple[Process, Process], clock: ManualClock
) -> None:
    """Its age says when that was; the whole is partial."""
    here, there = pair
    there.subscribe("news")
    stale = there.census.report()
    there.nodes.report(lambda: stale)
    there.nodes.take = lambda topic, text: None  # type: ignore[method-assign]
    clock.advance(3.0)
    there.subscribe("news")
    whole = await here.census.whole()
    assert (whole["channel_stats"], whole["partial"]) == ({"news": 1}, True)
    assert [(node["node"], node["age"]) for node in whole["nodes"]] == [("a", 0.0), ("b", 3.0)]


async def test_a_report_is_bounded(pair: tuple[Process, Process], monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels with a name in the configuration come first; of the rest it tells how many there are."""
    monkeypatch.setattr(census_module, "REPORTED_CHANNELS", 3)
    here, there = pair
    there.subscribe(*(f"user:u{n}" for n in range(5)), "news", "alerts")
    report = there.census.report()
    assert len(report["channel_stats"]) == 3
    assert {"news", "alerts"} <= report["channel_stats"].keys()
    here.subscribe("news", *(f"room:r{n}" for n in range(5)))
    whole = await here.census.whole()
    assert (whole["total_channels"], whole["channel_stats"]["news"]) == (12, 2)


async def test_a_report_is_bounded_in_bytes(pair: tuple[Process, Process]) -> None:
    """Names may be long; a report that is too big would not be sent at all."""
    here, there = pair
    there.subscribe("news", *(f"user:{n:0120}" for n in range(900)))
    report = there.census.report()
    assert len(orjson.dumps(report)) < 33_500
    assert "news" in report["channel_stats"]
    assert (await here.census.whole())["total_channels"] == 901


@pytest.mark.parametrize("report", [{}, {"total_clients": "many"}, {"at": 1.0}, {"channel_stats": []}])
async def test_a_report_of_another_version_is_left_out(pair: tuple[Process, Process], report: dict[str, Any]) -> None:
    """It is no reason to fail."""
    here, there = pair
    there.nodes.take = lambda topic, text: None  # type: ignore[method-assign]
    there.nodes.report(lambda: there.census.report() | report if report else {})
    assert [node["node"] for node in (await here.census.whole())["nodes"]] == (["a", "b"] if "at" in report else ["a"])
