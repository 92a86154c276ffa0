"""Examples of the messages on vector searches."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "search_progress": {"query_id": "q-5b0c61f2-17", "progress": 50.0, "status": "searching", "collection": "manuals"},
    "search_completed": {
        "query_id": "q-5b0c61f2-17",
        "collection": "manuals",
        "top_k": 10,
        "search_time_ms": 14.25,
        "results_count": 10,
        "ef_search": 100,
        "recall_estimated": 0.984,
        "recall_low": 0.951,
        "recall_high": 0.995,
        "recall_samples": 250,
        "exact_reason": None,
        "embed_ms": 11.5,
        "search_ms": 2.5,
        "rerank_ms": 0.25,
        "query": "how is the pump's filter changed…",
    },
    "search_failed": {
        "query_id": "q-5b0c61f2-18",
        "collection": "manuals",
        "status": "failed",
        "stage": "searching",
        "reason": "ConnectionRefusedError",
        "search_time_ms": 3.5,
        "query": "how is the pump's filter changed…",
    },
}
