"""A hub that isn't started, with an error firewall in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from hub.adapters.error_firewall import Firewall
from hub.sections.error_firewall import ErrorFirewallOptions
from hub.wiring import Hub
from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.model import Verdict
from integrations.error_firewall.ports import StoreUnavailable
from integrations.error_firewall.postgres import Resource
from tests.unit.hub.http.api.calls import put_together


class MemoryFirewall:
    """A double of `hub.adapters.error_firewall.Firewall` without a database.

    Attributes:
        away: nothing can be stored.
    """

    def __init__(self, **options: Any) -> None:
        self.options = ErrorFirewallOptions(enabled=True, **options)
        self.firewall = ErrorFirewall(may_override=lambda _actor, _operation: True)
        self.store = self.firewall.store
        self.resources: dict[str, Resource] = {}
        self.away = False

    async def check(self, operation: str, params: Any, context: Any, actor: str, override: Any = None) -> Verdict:
        return await self.firewall.check_async(operation, params, context, actor=actor, override=override)

    async def put_resource(self, resource: Resource) -> Resource:
        if self.away:
            raise StoreUnavailable("the database is away")
        self.resources[resource.name] = resource = replace(resource, version=1)
        return resource

    def by_status(self) -> tuple[dict[str, int], dict[str, int]]:
        return {"observed": len(self.firewall.index)}, {}


def guarded_hub(**options: Any) -> tuple[Hub, MemoryFirewall]:
    """Put a hub together whose firewall has these options."""
    hub, double = put_together(), MemoryFirewall(**options)
    hub.adapters = replace(hub.adapters, error_firewall=cast(Firewall, double))
    return hub, double
