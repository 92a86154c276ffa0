"""Publish from a service that runs beside the hub, with nothing but the standard library.

python examples/publish_http.py system_alerts note '{"text": "Hello"}'

The hub is at $TOCSIN_URL, and a token, where it wants one, in $TOCSIN_TOKEN.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import uuid
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def publish(channel: str, type: str, data: Any, attempts: int = 4) -> dict[str, Any]:
    """Publish once, however often it takes: all attempts have one idempotency key.

    Raises:
        OSError: refused for good, or the hub can't be reached. `HTTPError`, which is one, has the hub's answer.
    """
    body = {"channel": channel, "type": type, "data": data, "idempotency_key": str(uuid.uuid4())}
    headers = {"Content-Type": "application/json"}
    if token := os.environ.get("TOCSIN_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    url = os.environ.get("TOCSIN_URL", "http://127.0.0.1:8080") + "/api/publish"
    for attempt in range(attempts):
        if attempt:
            time.sleep(random.uniform(0, 0.25 * 2**attempt))  # noqa: S311 - spreads load
        try:
            with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=5) as answer:  # noqa: S310
                published: dict[str, Any] = json.load(answer)
                return published
        except HTTPError as error:
            if error.code not in (429, 500, 502, 503, 504) or attempt == attempts - 1:
                raise
        except OSError:
            if attempt == attempts - 1:
                raise
    raise ValueError("expected at least one attempt")


if __name__ == "__main__":
    channel, type, data = sys.argv[1:]
    print(json.dumps(publish(channel, type, json.loads(data))))
