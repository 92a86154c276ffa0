"""Examples of `channels.messages.analysis`, with every field."""

from __future__ import annotations

from typing import Any

_RUN: dict[str, Any] = {"analysis_id": "a-5f2c0a9be1d0", "repository": "group/größe"}
_COMMIT = "0d96325d17ccf63359b3beedcea67d7c61867442"
_BASE = "22ccf21aa7ccf63359b3beedcea67d7c61867442"

EXAMPLES: dict[str, dict[str, Any]] = {
    "analysis_started": {
        **_RUN,
        "ref": "main",
        "commit": _COMMIT,
        "working_tree": False,
        "base": _BASE,
        "files_total": 3,
        "linters": ["ruff 0.17.5", "bandit 1.9.4"],
    },
    "analysis_progress": {
        **_RUN,
        "files_done": 1,
        "files_total": 3,
        "progress": 33,
        "findings": 2,
        "linter": "bandit",
    },
    "analysis_finding": {
        **_RUN,
        "commit": _COMMIT,
        "linter": "bandit",
        "rule": "B602",
        "severity": "error",
        "file": "src/größe\\n.py",
        "line": 7,
        "column": 5,
        "message": "subprocess call with shell=True identified, security issue.",
        "fingerprint": "8c1f3a5e9b7d2f4a6c8e0b1d",
        "is_new": True,
    },
    "analysis_completed": {
        **_RUN,
        "ref": "main",
        "commit": _COMMIT,
        "base": _BASE,
        "files_total": 3,
        "files_cached": 1,
        "files_skipped": {"binary": 1, "no linter for it": 8},
        "findings": 2,
        "findings_withheld": 0,
        "by_severity": {"error": 1, "warning": 1, "info": 0},
        "by_linter": {"ruff": 1, "bandit": 1},
        "linters": [
            {
                "name": "ruff",
                "version": "0.17.5",
                "status": "ok",
                "reason": None,
                "files": 3,
                "findings": 1,
                "seconds": 0.021,
            },
            {
                "name": "shellcheck",
                "version": None,
                "status": "skipped",
                "reason": "no file for it",
                "files": 0,
                "findings": 0,
                "seconds": 0.0,
            },
        ],
        "comparison": {"commit": _BASE, "new": 1, "fixed": 2, "unchanged": 1, "not_compared": ["radon"]},
        "notes": ["3 findings are counted and not kept"],
        "duration_seconds": 1.25,
        "summary": {
            "text": "One command is put together from input.",
            "model": "small-model-1",
            "prompt_tokens": 210,
            "completion_tokens": 12,
            "truncated": False,
        },
        "summary_absent": "the model was not asked",
    },
    "analysis_failed": {
        **_RUN,
        "ref": "nope",
        "commit": _COMMIT,
        "reason": "there is no commit 'nope'",
        "duration_seconds": 0.02,
    },
    "analysis_cancelled": {
        **_RUN,
        "ref": "main",
        "commit": _COMMIT,
        "reason": "the hub stopped",
        "files_done": 1,
        "files_total": 3,
        "duration_seconds": 0.8,
    },
}
