"""Any URL: the alerts as JSON, signed."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Any, Final

import orjson

from integrations.alert_notifiers.http_post import HttpPost
from integrations.alert_notifiers.notice import Notice
from integrations.alert_notifiers.signature import key_of, sign

VERSION: Final = 1
"""Of the body."""


class WebhookNotifier:
    """Posts to one URL.

    Args:
        url: may hold a secret.
        secret: what bodies are signed with (`integrations.alert_notifiers.signature`).
        now: seconds since 1970.

    Raises:
        ValueError: the secret can't be used.
    """

    each = False

    def __init__(self, url: str, secret: str, now: Callable[[], float] = time) -> None:
        self._key = key_of(secret)
        self._now = now
        self._post = HttpPost(url)
        self.open = self._post.open
        self.close = self._post.close

    async def send(self, notice: Notice) -> None:
        """Post one message."""
        body = orjson.dumps(body_of(notice))
        signed = sign(self._key, notice.id, int(self._now()), body)
        await self._post.send(body, {"Content-Type": "application/json", "User-Agent": "Tocsin", **signed})


def body_of(notice: Notice) -> dict[str, Any]:
    """Return the body: alerts as they are on `system_alerts`, and how many more there were."""
    return {
        "version": VERSION,
        "id": notice.id,
        "alerts": [alert.model_dump(mode="json") for alert in notice.alerts],
        "more": notice.more,
        "missed": notice.missed,
    }
