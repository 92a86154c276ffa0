"""Which of several content types a client wants most (`Accept`, RFC 9110, 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_range = re.compile(
    r"\s*(?P<type>[\w.+-]+|\*)/(?P<subtype>[\w.+-]+|\*)\s*(?P<parameters>(?:;[^;]*)*)", re.ASCII
).fullmatch
_quality = re.compile(r"\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*", re.ASCII | re.IGNORECASE).fullmatch


class _Wish(NamedTuple):
    """How much a client wants something, and how plainly it says so."""

    quality: float
    plainness: int


def preferred(accept: str, offers: Sequence[str]) -> str | None:
    """Return the offer that is wanted most; `None` when none is wanted at all.

    Of equally wanted ones that which is named the more plainly (`text/event-stream, */*`), and then the earlier offer.
    Without a wish it is the first offer. What is malformed is skipped.
    """
    if not accept.strip():
        return offers[0]
    ranges = list(_ranges(accept))
    wishes = [(_wish(ranges, offer), offer) for offer in offers]
    wanted = [(wish, offer) for wish, offer in wishes if wish is not None and wish.quality > 0]
    return max(wanted, key=lambda pair: pair[0], default=(None, None))[1]


def _ranges(accept: str) -> Iterator[tuple[str, str, float]]:
    for item in accept.split(","):
        match = _range(item.lower())
        if match is None:
            continue
        qualities = [_quality(parameter) for parameter in match["parameters"].split(";")]
        yield match["type"], match["subtype"], next((float(found[1]) for found in qualities if found), 1.0)


def _wish(ranges: list[tuple[str, str, float]], offer: str) -> _Wish | None:
    kind, _, subtype = offer.partition("/")
    fitting = [
        (plainness, quality)
        for type_, sub, quality in ranges
        for plainness, pattern in enumerate((("*", "*"), (kind, "*"), (kind, subtype)))
        if pattern == (type_, sub)
    ]
    if not fitting:
        return None
    plainness, quality = max(fitting)  # the plainest one decides, even if it says no
    return _Wish(quality, plainness)
