"""Examples of `channels.messages.system`, with every field."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "alert": {
        "alert_id": "cpu-1",
        "name": "cpu_high",
        "severity": "warning",
        "status": "resolved",
        "summary": "Processor above 90 % for 5 min",
        "value": 12.5,
        "threshold": 90.0,
        "started_at": "2026-11-21T10:15:00Z",
        "ended_at": "2026-11-21T10:20:00.500000Z",
        "labels": {"host": "db-1"},
    },
    "system_stats": {
        "total_requests": 1000,
        "successful_requests": 990,
        "failed_requests": 10,
        "avg_response_time": 12.75,
        "active_connections": 512,
        "memory_usage": 181.0,
        "cpu_usage": 7.5,
        "uptime": 86400.25,
        "node": "n-5b0c61f2a7de",
    },
}
