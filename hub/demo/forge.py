"""The act of the forge: each commit of the demo's repository is told to the hub as Gitea would, by a signed webhook."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import urllib.error
import urllib.request
import uuid
from typing import Any, Final

from hub.demo.notebook import OWNER
from hub.demo.stage import Stage

NAME: Final = "demo/shop"
"""The repository's name on the forge."""
_ZERO: Final = "0" * 40


class Forge:
    """Posts to a hub.

    Args:
        url: of the hub.
        secret: what the hub checks the signature with.
    """

    def __init__(self, stage: Stage, url: str, secret: str) -> None:
        self._tell = stage.telling("webhook")
        self._url = f"{url}/hooks/gitea"
        self._secret = secret

    async def pushed(self, commit: str, text: str) -> None:
        """Tell the hub of a push."""
        body = json.dumps(payload(commit, text)).encode()
        status = await asyncio.to_thread(self._post, body)
        self._tell(f"the push of {commit[:8]} was signed and posted; the hub answered {status}")

    def _post(self, body: bytes) -> int:
        headers = {
            "Content-Type": "application/json",
            "X-Gitea-Event": "push",
            "X-Gitea-Delivery": str(uuid.uuid4()),
            "X-Gitea-Signature": hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest(),
        }
        request = urllib.request.Request(self._url, body, headers)  # noqa: S310 - the hub's own address
        try:
            with urllib.request.urlopen(request, timeout=5.0) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0


def payload(commit: str, text: str) -> dict[str, Any]:
    """The body of a push, as Gitea documents it."""
    author = {"name": "Tocsin demo", "email": "demo@example.com", "username": OWNER}
    user = {"id": 1, "login": OWNER, "username": OWNER, "full_name": "Tocsin demo", "email": "demo@example.com"}
    url = f"https://forge.example.com/{NAME}"
    head = {
        "id": commit,
        "message": f"{text}\n",
        "url": f"{url}/commit/{commit}",
        "author": author,
        "committer": author,
        "timestamp": "2026-01-01T00:00:00Z",
        "added": [],
        "removed": [],
        "modified": [],
    }
    return {
        "ref": "refs/heads/main",
        "before": _ZERO,
        "after": commit,
        "compare_url": f"{url}/compare",
        "commits": [head],
        "total_commits": 1,
        "head_commit": head,
        "repository": {
            "id": 1,
            "name": "shop",
            "full_name": NAME,
            "owner": user,
            "html_url": url,
            "default_branch": "main",
            "private": False,
        },
        "pusher": user,
        "sender": user,
    }
