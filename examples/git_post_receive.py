#!/usr/bin/env python3
"""A Git hook for a bare repository without a forge: tells Tocsin of pushes, as Gitea would, with the standard library.

Copy it to hooks/post-receive of the repository, and make it executable. It reads the hub's address from $TOCSIN_URL and
the secret of webhooks.gitea from $TOCSIN_GITEA_SECRET. A hub that can't be reached never refuses a push.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

COMMITS = 50
"""Commits of one push that are told of, the newest."""


def git(*arguments: str) -> str:
    """Ask Git."""
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout  # noqa: S603, S607


def commits(before: str, after: str, ref: str) -> list[dict[str, Any]]:
    """Describe what came, newest first, as Gitea does. Of a new branch, what no other branch has."""
    others = [after, "--not", f"--exclude={ref.removeprefix('refs/heads/')}", "--branches"]
    span = [f"{before}..{after}"] if before.strip("0") else others
    log = git("log", f"--max-count={COMMITS}", "--format=%H%x00%an%x00%ae%x00%cI%x00%s", *span, "--")
    told = []
    for line in log.splitlines():
        commit, name, email, at, subject = line.split("\0")
        author = {"name": name, "email": email, "username": ""}
        told.append({"id": commit, "message": subject, "timestamp": at, "author": author, "committer": author})
    return told


def push(before: str, after: str, ref: str) -> dict[str, Any]:
    """Make the webhook's body."""
    name = Path(git("rev-parse", "--absolute-git-dir").strip()).name.removesuffix(".git")
    pusher = os.environ.get("REMOTE_USER") or os.environ.get("USER") or "git"
    repository = {"id": 1, "name": name, "full_name": name}
    person = {"id": 0, "login": pusher, "username": pusher, "email": ""}
    told = commits(before, after, ref)
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "commits": told,
        "total_commits": len(told),
        "repository": repository,
        "pusher": person,
        "sender": person,
    }


def tell(url: str, secret: str, body: bytes) -> None:
    """Send it, signed."""
    headers = {
        "Content-Type": "application/json",
        "X-Gitea-Event": "push",
        "X-Gitea-Delivery": str(uuid.uuid4()),
        "X-Gitea-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }
    request = urllib.request.Request(f"{url}/hooks/gitea", body, headers)  # noqa: S310 - the operator's own address
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        print(f"told {url}: {answer.status}")


def main() -> None:
    """Tell of each branch that was pushed."""
    url, secret = os.environ["TOCSIN_URL"].rstrip("/"), os.environ["TOCSIN_GITEA_SECRET"]
    for line in sys.stdin:
        before, after, ref = line.split()
        if not after.strip("0") or not ref.startswith("refs/heads/"):
            continue  # the branch is gone, or it is none
        try:
            tell(url, secret, json.dumps(push(before, after, ref)).encode())
        except (OSError, urllib.error.URLError) as error:
            print(f"not told {url}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
