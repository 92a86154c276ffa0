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
        "metric": "host_cpu",
        "unit": "%",
        "description": "Look at what runs there:\n\ttop -o %CPU",
        "runbook_url": "https://wiki.example/runbooks/cpu",
        "source": "n-5b0c61f2a7de",
        "repetition": 2,
        "silenced": False,
        "reason": "cleared",
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
    "host_stats": {
        "host": "db-1",
        "cpu_percent": 42.5,
        "cpu_count": 8,
        "load_1m": 3.25,
        "load_5m": 2.5,
        "load_15m": 2.0,
        "memory_total": 16_777.2,
        "memory_available": 9_000.5,
        "memory_percent": 46.4,
        "disk_total": 500_000.0,
        "disk_free": 120_000.0,
        "disk_percent": 76.0,
        "uptime": 864_000.5,
        "node": "n-5b0c61f2a7de",
    },
}
