"""A hub in a thread of its own."""

from __future__ import annotations

import pytest

from benchmarks.integrations.hub_thread import HubThread


@pytest.mark.parametrize("hang", [True, False])
def test_a_hub_that_stands_still_can_be_ended(hang: bool) -> None:
    """Publishing goes on while it does; ending it twice is once."""
    with HubThread() as hub:
        if hang:
            hub.hang()
        assert hub.inbox.put("db_pool_stats", "note", {})
        hub.stop()
