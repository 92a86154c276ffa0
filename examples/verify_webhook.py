"""A receiver of Tocsin's signed webhooks, with the standard library alone: prints each alert that is genuine.

WEBHOOK_SECRET=... python examples/verify_webhook.py 9000

Put it into config.yaml as notifiers.webhook.NAME with that url and secret. Behind a proxy with TLS, of course.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer

WINDOW = 300
"""Seconds for which a message is good."""

MAX_BYTES = 1 << 20

_seen: dict[str, float] = {}
"""Ids of the messages of the last WINDOW: Tocsin repeats one whose answer it missed, and an attacker may."""


def key_of(secret: str) -> bytes:
    """Return a secret's bytes: base64 after whsec_, else the text itself."""
    return base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()


def is_genuine(key: bytes, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Tell whether Tocsin signed this body, and lately."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > WINDOW:
        return False
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    given = headers.get("webhook-signature", "").split(" ")  # several, while the secret is being replaced
    return any(hmac.compare_digest(one.encode(), expected.encode()) for one in given)


def is_new(message_id: str, now: float) -> bool:
    """Tell whether this message came for the first time."""
    for old in [one for one, until in _seen.items() if until < now]:
        del _seen[old]
    if message_id in _seen:
        return False
    _seen[message_id] = now + 2 * WINDOW  # its clock may be ahead by one window
    return True


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what is genuine, also when it was repeated; 401 to everything else."""

    def do_POST(self) -> None:
        """Take a message."""
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(min(length, MAX_BYTES))
        genuine = is_genuine(key_of(os.environ["WEBHOOK_SECRET"]), dict(self._lower()), body, time.time())
        if genuine and is_new(self.headers["webhook-id"], time.time()):
            for alert in json.loads(body)["alerts"]:
                print(alert["status"], alert["severity"], alert["summary"], flush=True)
        self.send_response(204 if genuine else 401)
        self.end_headers()

    def _lower(self) -> list[tuple[str, str]]:
        return [(name.lower(), value) for name, value in self.headers.items()]

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing but alerts."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print("listening on", server.server_port, flush=True)
    server.serve_forever()
