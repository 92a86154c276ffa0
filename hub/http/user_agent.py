"""What a client calls itself, for people who look at lists of connections."""

from __future__ import annotations

import re
from sys import intern
from typing import Final

from aiohttp import web

USER_AGENT_MAX: Final = 128
"""Characters that are kept: enough for browser, version and system, and 10,000 different ones are 2 MB."""

_invisible = re.compile(r"[^ -~]")


def user_agent_of(request: web.BaseRequest) -> str:
    """Return the header `User-Agent`, cut off and in visible ASCII; "" without one.

    The same text is one object for all who say it: most clients of a hub do.
    """
    return intern(_invisible.sub("?", request.headers.get("User-Agent", "")[:USER_AGENT_MAX]))
