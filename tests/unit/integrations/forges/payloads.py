"""Bodies and headers in the shape that forges document, made for these tests. Who is who: alice writes, bob reviews."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import orjson

SECRET = "a secret for webhooks"
TOKEN = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
ZEROS = "0" * 40
BEFORE, AFTER = "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c"
NOW = 1_795_256_100.0


def account(login: str, number: int, **fields: Any) -> dict[str, Any]:
    return {"login": login, "id": number, "html_url": f"https://forge.example/{login}", "type": "User", **fields}


ALICE, BOB = account("alice", 1), account("bob", 2)
REPOSITORY = {"id": 35129377, "name": "shop", "full_name": "acme/shop", "private": True, "owner": account("acme", 9)}


def _commit(id: str, author: str) -> dict[str, Any]:
    who = {"name": author.title(), "email": f"{author}@example.com", "username": author}
    return {
        "id": id,
        "tree_id": "f9d2a07e9488b91af2641b26b9407fe22a451433",
        "distinct": True,
        "message": f"Sell umbrellas\n\nIt rains. Written by {author}.",
        "timestamp": "2026-11-21T11:14:59+01:00",
        "url": f"https://forge.example/acme/shop/commit/{id}",
        "author": who,
        "committer": who,
        "added": [],
        "removed": [],
        "modified": ["shop.py"],
    }


def push(**fields: Any) -> dict[str, Any]:
    """A push by alice, of a commit of hers and one of carol's."""
    return {
        "ref": "refs/heads/main",
        "before": BEFORE,
        "after": AFTER,
        "repository": REPOSITORY,
        "pusher": {"name": "alice", "email": "alice@example.com"},
        "sender": ALICE,
        "created": False,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": "https://forge.example/acme/shop/compare/6113728f27ae...0d1a26e67d8f",
        "commits": [_commit(BEFORE[::-1], "carol"), _commit(AFTER, "alice")],
        "head_commit": _commit(AFTER, "alice"),
        **fields,
    }


def workflow_run(**fields: Any) -> dict[str, Any]:
    """A run that alice's push caused."""
    return {
        "action": "completed",
        "workflow_run": {
            "id": 30433642,
            "name": "Build",
            "display_title": "Sell umbrellas",
            "head_branch": "main",
            "head_sha": AFTER,
            "run_number": 562,
            "run_attempt": 1,
            "event": "push",
            "status": "completed",
            "conclusion": "failure",
            "workflow_id": 159038,
            "html_url": "https://forge.example/acme/shop/actions/runs/30433642",
            "run_started_at": "2026-11-21T10:15:00Z",
            "updated_at": "2026-11-21T10:16:21Z",
            "actor": ALICE,
            "triggering_actor": ALICE,
            "head_commit": {"id": AFTER, "author": {"name": "Alice", "email": "alice@example.com"}},
            **fields,
        },
        "workflow": {"id": 159038, "name": "Build", "path": ".github/workflows/build.yml"},
        "repository": REPOSITORY,
        "sender": ALICE,
    }


def check_run(**fields: Any) -> dict[str, Any]:
    return {
        "action": "completed",
        "check_run": {
            "id": 128620228,
            "name": "licences",
            "head_sha": AFTER,
            "status": "completed",
            "conclusion": "success",
            "html_url": "https://forge.example/acme/shop/runs/128620228",
            "details_url": "https://ci.example/128620228",
            "started_at": "2026-11-21T10:15:00Z",
            "completed_at": "2026-11-21T10:15:30Z",
            "check_suite": {"id": 118578147, "head_branch": "main"},
            "app": {"id": 29310, "slug": "licence-check"},
            "pull_requests": [],
            **fields,
        },
        "repository": REPOSITORY,
        "sender": ALICE,
    }


def status(**fields: Any) -> dict[str, Any]:
    return {
        "id": 6805126730,
        "sha": AFTER,
        "name": "acme/shop",
        "target_url": "https://ci.example/job/77",
        "context": "ci/jenkins",
        "description": "2 of 617 tests failed",
        "state": "failure",
        "commit": {
            "sha": AFTER,
            "commit": {"author": {"name": "Alice", "email": "alice@example.com"}, "message": "Sell umbrellas"},
            "html_url": f"https://forge.example/acme/shop/commit/{AFTER}",
            "author": ALICE,
        },
        "branches": [{"name": "main", "commit": {"sha": AFTER}, "protected": False}],
        "repository": REPOSITORY,
        "sender": account("ci-bot", 7),
        **fields,
    }


def _pull(**fields: Any) -> dict[str, Any]:
    return {
        "id": 279147437,
        "number": 42,
        "state": "open",
        "title": "Sell umbrellas",
        "user": ALICE,
        "body": "It rains.",
        "html_url": "https://forge.example/acme/shop/pull/42",
        "merged": False,
        "requested_reviewers": [],
        "head": {"ref": "umbrellas", "sha": AFTER},
        "base": {"ref": "main", "sha": BEFORE},
        **fields,
    }


def review_requested(**fields: Any) -> dict[str, Any]:
    """Alice asks bob for a review."""
    return {
        "action": "review_requested",
        "number": 42,
        "pull_request": _pull(requested_reviewers=[BOB]),
        "requested_reviewer": BOB,
        "repository": REPOSITORY,
        "sender": ALICE,
        **fields,
    }


def closed(*, merged: bool, by: dict[str, Any]) -> dict[str, Any]:
    pull = _pull(state="closed", merged=merged, requested_reviewers=[BOB])
    return {"action": "closed", "number": 42, "pull_request": pull, "repository": REPOSITORY, "sender": by}


def review(state: str, by: dict[str, Any] = BOB) -> dict[str, Any]:
    """Bob says something about alice's change."""
    return {
        "action": "submitted",
        "review": {
            "id": 237895671,
            "user": by,
            "body": "Where are the raincoats?\nAnd the boots?",
            "state": state,
            "html_url": "https://forge.example/acme/shop/pull/42#pullrequestreview-237895671",
            "submitted_at": "2026-11-21T10:15:00Z",
        },
        "pull_request": _pull(),
        "repository": REPOSITORY,
        "sender": by,
    }


def issue_comment(*, on_pull: bool) -> dict[str, Any]:
    issue = {
        "number": 42,
        "title": "Sell umbrellas",
        "user": ALICE,
        "html_url": "https://forge.example/acme/shop/pull/42",
    }
    if on_pull:
        issue["pull_request"] = {"url": "https://forge.example/api/acme/shop/pulls/42"}
    comment = {"id": 492700400, "user": BOB, "body": "Nice", "html_url": "https://forge.example/c/492700400"}
    return {"action": "created", "issue": issue, "comment": comment, "repository": REPOSITORY, "sender": BOB}


def gitea_review(type: str) -> dict[str, Any]:
    """Bob says something, as Gitea tells it."""
    return {
        "action": "reviewed",
        "number": 42,
        "pull_request": _pull(),
        "requested_reviewer": None,
        "repository": REPOSITORY,
        "sender": BOB,
        "commit_id": "",
        "review": {"type": type, "content": "Where are the raincoats?"},
    }


def encoded(payload: object) -> bytes:
    return orjson.dumps(payload)


def _hex(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def github_headers(event: str, body: bytes, secret: str = SECRET, id: str = "72d3162e-cc78-11e3") -> dict[str, str]:
    return {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-github-event": event,
        "x-github-delivery": id,
        "x-github-hook-id": "292430182",
        "x-hub-signature-256": f"sha256={_hex(body, secret)}",
    }


def gitea_headers(event: str, body: bytes, secret: str = SECRET, id: str = "f6266f16-1bf3-46a5") -> dict[str, str]:
    return {
        "content-type": "application/json",
        "x-gitea-event": event,
        "x-gitea-event-type": event,
        "x-gitea-delivery": id,
        "x-gitea-signature": _hex(body, secret),
        "x-hub-signature-256": f"sha256={_hex(body, secret)}",
    }


def gitlab_headers(event: str, token: str = SECRET, id: str = "f5e5f430-f57b-4e6e-9fac") -> dict[str, str]:
    return {
        "content-type": "application/json",
        "x-gitlab-event": event,
        "x-gitlab-instance": "https://gitlab.example",
        "x-gitlab-webhook-uuid": "02affd2d-2cba-4033-917d-ec22d5dc4b38",
        "x-gitlab-event-uuid": "13792a34-cac6-4fda-95a8-c58e00a3954e",
        "x-gitlab-token": token,
        "idempotency-key": id,
    }


def signed_headers(body: bytes, token: str = TOKEN, id: str = "f5e5f430", at: float = NOW) -> dict[str, str]:
    """GitLab's headers with a signing token."""
    key = base64.b64decode(token.removeprefix("whsec_"))
    digest = hmac.new(key, f"{id}.{int(at)}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "x-gitlab-event": "Push Hook",
        "idempotency-key": id,
        "webhook-id": id,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
