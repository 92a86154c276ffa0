"""Examples of `channels.messages.hub`, with every field."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "hub_stats": {
        "node": "n-5b0c61f2a7de",
        "interval": 5.0,
        "processes": 4,
        "connections": 512,
        "slow_connections": 2,
        "queued_bytes": 40_960,
        "subscriptions": 1_024,
        "channels": 12,
        "publications_per_second": 120.4,
        "deliveries_per_second": 61_440.0,
        "sent_bytes_per_second": 13_516_800.0,
        "commands_refused_per_second": 0.2,
        "publish_to_write_p50": 0.71,
        "publish_to_write_p95": 2.2,
        "publish_to_write_p99": 4.5,
        "loop_lag_p50": 0.26,
        "loop_lag_p99": 4.9,
        "loop_lag_max": 5.125,
        "memory_usage": 181.0,
        "cpu_usage": 37.5,
        "uptime": 86_400.2,
        "notify_queue": 3,
        "broker_available": False,
        "degraded": "the hub has lost its broker; publications may be late",
    }
}
