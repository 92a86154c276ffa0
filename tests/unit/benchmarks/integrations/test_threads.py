"""Many threads that notify at once, measured by what a subscriber gets."""

from __future__ import annotations

import pytest

from benchmarks.integrations.threads import measure
from hub.notify import INBOX


@pytest.fixture(autouse=True)
def _bounds() -> object:
    before = INBOX.limit, INBOX.limit_bytes
    yield
    INBOX.limit, INBOX.limit_bytes = before


async def test_every_thread_is_heard_in_its_order() -> None:
    """What is counted is what came, and each call was timed."""
    outcome = await measure(threads=5, each=40, size=200)
    assert (outcome.sent, outcome.received, outcome.disordered, outcome.gaps) == (200, 200, 0, 0)
    assert outcome.seconds > 0
    assert outcome.call_us > 0
