"""Bodies of GitLab, in the shape that it documents, made for these tests. Alice writes, bob reviews."""

from __future__ import annotations

from typing import Any

from tests.unit.integrations.forges.payloads import AFTER, BEFORE

PROJECT = {
    "id": 15,
    "name": "Shop",
    "web_url": "https://gitlab.example/acme/shop",
    "path_with_namespace": "acme/shop",
    "default_branch": "main",
}
ALICE = {"id": 1, "name": "Alice", "username": "alice", "email": "alice@example.com"}
BOB = {"id": 2, "name": "Bob", "username": "bob", "email": "[REDACTED]"}
CAROL = {"id": 3, "name": "Carol", "username": "carol", "email": "[REDACTED]"}


def _commit(id: str, author: str) -> dict[str, Any]:
    return {
        "id": id,
        "message": "Sell umbrellas\n\nIt rains.",
        "title": "Sell umbrellas",
        "timestamp": "2026-11-21T10:15:00+00:00",
        "url": f"https://gitlab.example/acme/shop/-/commit/{id}",
        "author": {"name": author.title(), "email": f"{author}@example.com"},
    }


def push(**fields: Any) -> dict[str, Any]:
    return {
        "object_kind": "push",
        "event_name": "push",
        "before": BEFORE,
        "after": AFTER,
        "ref": "refs/heads/main",
        "checkout_sha": AFTER,
        "user_id": 1,
        "user_name": "Alice",
        "user_username": "alice",
        "user_email": "alice@example.com",
        "project_id": 15,
        "project": PROJECT,
        "commits": [_commit(BEFORE[::-1], "carol"), _commit(AFTER, "alice")],
        "total_commits_count": 25,
        **fields,
    }


def pipeline(**fields: Any) -> dict[str, Any]:
    return {
        "object_kind": "pipeline",
        "object_attributes": {
            "id": 31,
            "iid": 3,
            "name": "Pipeline for main",
            "ref": "main",
            "tag": False,
            "sha": AFTER,
            "before_sha": BEFORE,
            "source": "push",
            "status": "success",
            "detailed_status": "passed",
            "stages": ["build", "test"],
            "created_at": "2026-11-21 10:15:00 UTC",
            "finished_at": "2026-11-21 10:16:03 UTC",
            "duration": 63,
            "queued_duration": 2,
            "url": "https://gitlab.example/acme/shop/-/pipelines/31",
            **fields,
        },
        "merge_request": None,
        "user": ALICE,
        "project": PROJECT,
        "commit": _commit(AFTER, "carol"),
        "builds": [],
    }


def merge_request(action: str, by: dict[str, Any] = ALICE, **fields: Any) -> dict[str, Any]:
    """Something happens to alice's merge request."""
    return {
        "object_kind": "merge_request",
        "event_type": "merge_request",
        "user": by,
        "project": PROJECT,
        "object_attributes": {
            "id": 99,
            "iid": 42,
            "title": "Sell umbrellas",
            "author_id": 1,
            "source_branch": "umbrellas",
            "target_branch": "main",
            "state": "opened",
            "action": action,
            "url": "https://gitlab.example/acme/shop/-/merge_requests/42",
            "last_commit": _commit(AFTER, "alice"),
        },
        "assignees": [],
        "reviewers": [],
        "changes": {},
        "labels": [],
        **fields,
    }


def note(noteable: str = "MergeRequest", **fields: Any) -> dict[str, Any]:
    """Bob comments."""
    return {
        "object_kind": "note",
        "event_type": "note",
        "user": BOB,
        "project": PROJECT,
        "object_attributes": {
            "id": 1244,
            "note": "Where are the raincoats?",
            "noteable_type": noteable,
            "author_id": 2,
            "system": False,
            "action": "create",
            "url": "https://gitlab.example/acme/shop/-/merge_requests/42#note_1244",
            **fields,
        },
        "merge_request": {
            "id": 99,
            "iid": 42,
            "title": "Sell umbrellas",
            "author_id": 1,
            "last_commit": _commit(AFTER, "alice"),
        },
    }
