"""Webhooks of forges: signed by them, so that nobody else needs to be let in."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field

from channels.errors import ErrorCode
from hub.descriptions import Described
from hub.http.api.endpoint import Call, Endpoint, Hub, Who


class HookTaken(Described):
    """What became of a delivery."""

    status: Literal["published", "duplicate", "ignored"] = Field(
        description="published; duplicate: it was published before, and nobody was notified again; ignored: it is of a "
        "kind that the hub doesn't tell"
    )
    notifications: int = Field(ge=0, description="channels that it went to")

    @property
    def http_status(self) -> int:
        """202: nothing was to be done."""
        return 202 if self.status == "ignored" else 200


async def take_delivery(hub: Hub, call: Call[bytes, None]) -> HookTaken:
    """Take what GitHub, GitLab, Gitea or Forgejo delivers; pushes, builds and reviews reach whom they are for.

    The forge signs the body with the secret that `webhooks` has for it. The answer comes when all is published.
    """
    headers = {name.lower(): value for name, value in call.request.headers.items()}
    received = await hub.adapters.forges.receive(call.named("source"), headers, call.body, hub.engine.publish)
    delivery, analysis = received.delivery, hub.adapters.analysis
    if received.new and delivery.pushed and analysis is not None:
        await analysis.pushed(delivery.repository, delivery.pushed)
    return HookTaken(status=received.status, notifications=received.notifications)


ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "POST",
        "/hooks/{source}",
        "Take a forge's webhook",
        take_delivery,
        Who.ANYONE,
        "webhooks",
        answer=HookTaken,
        raw=True,
        errors=(
            ErrorCode.NOT_FOUND,
            ErrorCode.UNAUTHENTICATED,
            ErrorCode.PERMISSION_DENIED,
            ErrorCode.TOO_MANY_CHANNELS,
            ErrorCode.UNAVAILABLE,
        ),
    ),
)
