"""A POST to a URL that may be a secret: nothing that is raised here quotes it, nor what the other side answered."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time

import aiohttp

from integrations.alert_notifiers.notifier import Refused, Unreachable

_BUSY = {408, 425, 429}
"""Answers below 500 after which the same may succeed later."""

_LONGEST_WAIT = 86_400.0
"""Seconds of `Retry-After` that are believed."""


class HttpPost:
    """Posts to one URL. Follows no redirect: the operator named this receiver, and no other is to get the alerts."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return "HttpPost()"

    async def open(self) -> None:
        """Get ready. Connects to nobody."""
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=None)
        )

    async def close(self) -> None:
        """Close connections that are kept for the next message."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Post `body`. The caller bounds the time.

        Raises:
            Unreachable: no connection, or an answer after which to try again.
            Refused: another answer than success.
        """
        if self._session is None:
            raise Unreachable("not started")
        try:
            async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                status, retry_after = answer.status, answer.headers.get("Retry-After", "")
        except aiohttp.InvalidURL:
            raise Refused("the URL can't be used") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(type(error).__name__) from None
        if 200 <= status < 300:
            return
        if status in _BUSY or status >= 500:
            raise Unreachable(f"answered {status}", seconds_in(retry_after, time()))
        redirect = ", and redirects are not followed" if 300 <= status < 400 else ""
        raise Refused(f"answered {status}{redirect}")


def seconds_in(retry_after: str, now: float) -> float:
    """Read the header `Retry-After`, which holds seconds or a date; what can't be read is 0.

    Args:
        now: seconds since 1970.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
        return min(max(0.0, at.timestamp() - now), _LONGEST_WAIT)
    except (ValueError, OverflowError, TypeError):
        return 0.0
