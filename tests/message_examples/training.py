"""An example of `channels.messages.training`, with every field."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "stage_update": {
        "stage": "7/14",
        "log": "нормы/СП 48.md: 12 works, 9 dependencies, 31 entities",
        "progress": 50,
        "job_id": "j-20261121-1",
        "status": "done",
        "file": "нормы/СП 48.md",
        "file_index": 3,
        "files_total": 12,
        "stage_index": 7,
        "stage_name": "markup",
        "stage_ms": 41.5,
        "overall_progress": 20.8,
        "seq": 71,
        "reason": "duplicate",
        "trained": 1,
        "skipped": 1,
        "failed": 0,
        "chunks": 48,
        "queue_position": 0,
    },
}
