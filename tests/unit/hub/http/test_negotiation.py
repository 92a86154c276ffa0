"""Which content type a client wants most."""

from __future__ import annotations

import pytest

from hub.http.negotiation import preferred

LINES, EVENTS = "application/x-ndjson", "text/event-stream"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", LINES),
        ("  ", LINES),
        ("*/*", LINES),
        ("text/event-stream", EVENTS),
        ("Text/Event-Stream", EVENTS),
        ("application/x-ndjson", LINES),
        ("text/*", EVENTS),
        ("application/*", LINES),
        ("text/html, */*;q=0.1", LINES),
        ("text/event-stream, */*", EVENTS),
        ("*/*, text/event-stream", EVENTS),
        ("text/event-stream;q=0.9, */*;q=0.9", EVENTS),
        ("text/event-stream;q=0.1, */*", LINES),
        ("text/event-stream, application/x-ndjson", LINES),
        ("text/event-stream;q=0.4, application/x-ndjson;q=0.3", EVENTS),
        ("text/event-stream; charset=utf-8; Q=1.000", EVENTS),
        ("*/*, application/x-ndjson;q=0", EVENTS),
        ("text/*;q=0, text/event-stream", EVENTS),
        ("text/html", None),
        ("application/json", None),
        ("text/event-stream;q=0", None),
        ("*/*;q=0", None),
        ("*/html", None),
        ("nonsense", None),
        (",,,", None),
        ("text/event-stream;q=nonsense", EVENTS),
        ("text /event-stream", None),
    ],
)
def test_what_is_wanted_most(accept: str, expected: str | None) -> None:
    """By quality, then by how plainly it is named, then the earlier offer."""
    assert preferred(accept, (LINES, EVENTS)) == expected


def test_hostile_headers() -> None:
    """They cost no time worth mentioning."""
    for accept in ("text/event-stream;" * 400, "a/" * 4000, ";q=" * 2500, "*/*," * 2000, " " * 8000 + "x"):
        preferred(accept, (LINES, EVENTS))
