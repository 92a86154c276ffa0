"""Examples of `channels.messages.pool`, with every field."""

from __future__ import annotations

from typing import Any

_NUMBERS: dict[str, Any] = {
    "pool_size": 24,
    "active_connections": 18,
    "idle_connections": 2,
    "overflow_connections": 0,
    "utilization": 75.0,
    "qps": 412.5,
    "avg_query_time": 3.25,
    "max_wait_time": 18.5,
    "total_queries": 91_204,
    "pool": "orders",
    "node": "n-5b0c61f2a7de",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "pool_resized": {
        **_NUMBERS,
        "old_size": 20,
        "new_size": 24,
        "reason": "high_utilization",
        "samples": [85.0, 90.5, 90.0],
        "resize_id": "3f2a9c51",
    },
    "stats_update": {
        **_NUMBERS,
        "maximum": 50,
        "window": 60.0,
        "opening_connections": 1,
        "closing_connections": 0,
        "waiters": 0,
        "wait_p50": 0.1,
        "wait_p95": 4.5,
        "wait_p99": 18.5,
        "timeouts": 0,
        "refused": 0,
        "connect_errors": 1,
        "lost_connections": 0,
        "failed_queries": 3,
        "slow_queries": 2,
        "leaks": 0,
        "resizes": 1,
    },
    "pool_leak_suspected": {
        "held_seconds": 61.5,
        "limit_seconds": 60.0,
        "active_connections": 20,
        "stack": ["orders/export.py:88 in export_all", "orders/jobs.py:17 in run"],
        "task": "nightly export",
        "backend_pid": 40_212,
        "suppressed": 0,
        "pool": "orders",
        "node": "n-5b0c61f2a7de",
    },
    "slow_query": {
        "duration": 2_512.5,
        "limit": 1_000.0,
        "query": "SELECT * FROM orders WHERE customer = $1",
        "truncated": False,
        "failed": False,
        "suppressed": 4,
        "pool": "orders",
        "node": "n-5b0c61f2a7de",
    },
}
