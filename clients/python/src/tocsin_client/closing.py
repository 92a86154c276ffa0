"""What a close code means for who was closed."""

from __future__ import annotations

from typing import Final

_LOST: Final = frozenset({1001, 1005, 1006, 1011, 1012, 1013, 1014})
"""Going away, lost without a close, a fault in the hub, and what proxies send when they restart."""

_TOKEN: Final = frozenset({4500, 4501, 4502})
"""The token was refused, has expired, or was revoked."""


def may_return(code: int) -> bool:
    """Tell whether the same client may come back as it is."""
    return code in _LOST or 4000 <= code < 4500


def wants_token(code: int) -> bool:
    """Tell whether it may come back with another token."""
    return code in _TOKEN
