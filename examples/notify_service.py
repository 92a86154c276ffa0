"""A service that says what it does, and works the same when nobody listens or no hub is there.

TOCSIN_URL=http://127.0.0.1:8080 python examples/notify_service.py 3

A token, where the hub wants one, is in $TOCSIN_TOKEN, or in the file $TOCSIN_TOKEN_FILE.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from tocsin_client import notify_channel, notify_user, stats


def build(number: int) -> int:
    """Do the business, and mention it."""
    notify_channel("ai_analysis", "build_started", {"number": number})
    artefact = sum(range(number * 1000))
    notify_user("alice", "build_complete", {"number": number, "status": "success"})
    return artefact


def main() -> None:
    """Build so many times, in threads."""
    count = int(sys.argv[1])
    with ThreadPoolExecutor(4) as pool:
        print("built", len(list(pool.map(build, range(count)))))
    print("notified", stats().accepted)


if __name__ == "__main__":
    main()
