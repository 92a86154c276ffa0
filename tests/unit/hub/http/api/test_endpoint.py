"""What a handler gets."""

from __future__ import annotations

from hub.http.api import endpoint
from hub.wiring import Hub
from tests.unit.hub.http.api.calls import call, put_together


def test_a_call_knows_the_parts_of_its_path() -> None:
    """By the names that stand in the table."""
    assert call(channel="system_alerts").named("channel") == "system_alerts"


async def test_a_hub_is_all_that_the_api_needs() -> None:
    """The hub that is put together has the shape that handlers rely on; the type checker holds the assignment."""
    hub: endpoint.Hub = put_together()
    assert isinstance(hub, Hub)
    assert len(hub.connections) == 0
