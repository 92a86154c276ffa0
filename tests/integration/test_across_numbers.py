"""Numbers over all processes: /api/stats, the command stats, system_stats and /metrics."""

from __future__ import annotations

import json
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.integration.api_client import Api, api_of, token_for
from tests.integration.joined_hubs import joined
from tests.live import LiveHub, settings_for, until, with_keys

SIX = [
    "total_clients",
    "total_channels",
    "total_messages_sent",
    "total_connections_ever",
    "channel_stats",
    "active_channels",
]


async def test_the_six_numbers_are_those_of_all_processes() -> None:
    """Sums, each channel once; and of each process, for operators."""
    async with (
        joined(settings_for()) as (_, (a, b)),
        api_of(a) as api,
        a.client("x") as here,
        b.client("y") as there,
        b.client("z"),
    ):
        for client in (here, there):
            await client.ask(action="subscribe", channel="system_alerts")
        await there.ask(action="subscribe", channel="ai_analysis")
        await b.publish("system_alerts", "note", 1)
        stats = (await api("GET", "/api/stats")).json
        nodes = stats.pop("nodes")
        assert stats == {
            "total_clients": 3,
            "total_channels": 2,
            "total_messages_sent": 1,
            "total_connections_ever": 3,
            "channel_stats": {"system_alerts": 2, "ai_analysis": 1},
            "active_channels": ["system_alerts", "ai_analysis"],
        }
        assert [(node["node"], node["total_clients"], node["total_messages_sent"]) for node in nodes] == [
            ("a", 1, 0),
            ("b", 2, 1),
        ]
        assert all(0 <= node["age"] < 5 for node in nodes)
        own = a.hub.manager.get_stats()
        assert (list(own), own["total_clients"]) == (SIX, 1)
        assert (await a.hub.manager.get_hub_stats())["total_clients"] == 3
        assert (await here.ask(action="stats"))["data"]["total_clients"] == 3
        assert (await api("GET", "/api/channels/system_alerts")).json["subscribers"] == 2


async def test_who_is_no_operator_gets_the_six_keys_and_no_more() -> None:
    """Over HTTP and WebSocket: which processes there are is the operator's business."""
    async with joined(with_keys()) as (_, (a, _b)):
        token = token_for(a, "alice")
        async with api_of(a, token) as api:
            assert list((await api("GET", "/api/stats")).json) == SIX
        async with a.client("x", headers={"Authorization": f"Bearer {token}"}) as client:
            assert list((await client.ask(action="stats"))["data"]) == SIX
        admin = token_for(a, "root", admin=True)
        async with a.client("y", headers={"Authorization": f"Bearer {admin}"}) as client:
            assert len((await client.ask(action="stats"))["data"]["nodes"]) == 2


async def test_without_the_broker_the_last_numbers_count() -> None:
    """And the answer says so. Dashboards stay alive."""
    async with joined(settings_for()) as (processes, (a, b)), api_of(a) as api, b.client("y"):
        assert (await api("GET", "/api/stats")).json["total_clients"] == 1
        processes.junction.away = True
        stats: dict[str, Any] = {}

        async def partial() -> bool:
            nonlocal stats
            stats = (await api("GET", "/api/stats")).json
            return "partial" in stats

        while not await partial():  # until what was read a moment ago is too old
            pass
        assert (stats["total_clients"], stats["partial"], len(stats["nodes"])) == (1, True, 2)
        processes.junction.away = False


async def test_each_process_publishes_its_own_system_stats() -> None:
    """Under its name."""
    async with joined(settings_for(system_stats__interval=30.0, system_stats__host=False)) as (_, hubs):
        for live in hubs:
            await until(lambda live=live: live.hub.inbox.outcomes["published"] == 1)  # type: ignore[misc]
            (publication,) = (await live.hub.engine.history("system_alerts", None, None, 10)).publications
            assert json.loads(publication.data)["node"] == live.hub.across.node


async def metrics(api: Api, query: str = "") -> dict[tuple[str, str], float]:
    """Read a scrape as Prometheus does: name and node to value, of samples that have no other label."""
    text = (await api("GET", f"/metrics{query}")).body.decode()
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families), "each family once"
    samples = [sample for family in families for sample in family.samples]
    keys = {(sample.name, tuple(sorted(sample.labels.items()))) for sample in samples}
    assert len(keys) == len(samples), "each series once"
    return {(s.name, s.labels.get("node", "")): s.value for s in samples if not s.labels.keys() - {"node"}}


async def test_one_scrape_has_the_metrics_of_all_processes() -> None:
    """Whichever the request reaches: told apart by a label, and with the number of those that are in it."""
    async with joined(settings_for(), 3) as (_, (a, b, c)), c.client("x"), c.client("y"):
        for live in (a, b):
            async with api_of(live) as api:
                found = await metrics(api)
                assert [found["tocsin_connections", node] for node in "abc"] == [0, 0, 2]
                assert found["tocsin_nodes", ""] == 3
                assert found["tocsin_nodes_missing", ""] == 0
                own = await metrics(api, "?scope=process")
                assert own["tocsin_connections", ""] == 0
                assert {node for _, node in own} == {""}


async def test_a_scrape_says_that_a_process_is_missing() -> None:
    """After a second, and with the metrics of the others."""
    async with joined(settings_for()) as (processes, (a, _)), api_of(a) as api:
        processes.cut_off("b")
        found = await metrics(api)
        assert (found["tocsin_nodes", ""], found["tocsin_nodes_missing", ""]) == (1, 1)
        assert found["tocsin_connections", "a"] == 0


async def test_a_hub_of_one_process_has_no_label(hub: LiveHub) -> None:
    """There is nothing to tell apart, and the process's name would make new series at each start. One of several has
    it, also while it is alone."""
    async with api_of(hub) as api:
        assert ("tocsin_connections", "") in await metrics(api)
    async with joined(settings_for(), 1) as (_, (a,)), api_of(a) as api:
        assert ("tocsin_connections", "a") in await metrics(api)
