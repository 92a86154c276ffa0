"""Examples of `channels.messages.builds`, with every field."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "build_status": {
        "build_id": "8812",
        "project": "tocsin",
        "status": "failure",
        "branch": "feature/größe",
        "commit": "1022098",
        "url": "https://ci.example/builds/8812?tab=log",
        "duration_seconds": 81.5,
        "message": "2 of 617 tests failed:\n\ttest_a\n\ttest_b",
    },
    "code_review": {
        "review_id": "42",
        "repository": "group/tocsin",
        "title": "Hold what arrives while history is read",
        "action": "changes_requested",
        "author": "alice",
        "reviewer": "bob",
        "url": "http://git.example/42",
        "comment": "One test is missing.",
    },
    "code_push": {
        "repository": "group/tocsin",
        "branch": "feature/größe",
        "commit": "1022098",
        "previous": "0a5d1c4",
        "commits": 3,
        "author": "alice",
        "title": "Hold what arrives while history is read",
        "url": "http://git.example/compare/0a5d1c4...1022098",
    },
}
