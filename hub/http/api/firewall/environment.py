"""What the environment really has, over HTTP: a block ends when what was missing is there."""

from __future__ import annotations

from channels.errors import ErrorCode, ReplyError
from hub.http.api.endpoint import Call, Hub
from hub.http.api.firewall.answers import EnvironmentResource, EnvironmentResources
from hub.http.api.firewall.bodies import ResourceBody
from hub.http.api.firewall.permission import firewall_for, in_words, name_of
from hub.http.api.firewall.translation import resource_answer
from integrations.error_firewall.postgres import Resource

MOST = 1_000
"""Resources that are kept."""
LONGEST = 200
"""Characters of a resource's name."""


async def list_environment(hub: Hub, call: Call[None, None]) -> EnvironmentResources:
    """List what the environment has. For operators, and who may publish on `error_firewall`."""
    firewall = await firewall_for(hub, call.caller)
    return EnvironmentResources(resources=[resource_answer(one) for _, one in sorted(firewall.resources.items())])


async def get_environment(hub: Hub, call: Call[None, None]) -> EnvironmentResource:
    """Tell what the environment has of one kind. For operators, and who may publish on `error_firewall`."""
    firewall = await firewall_for(hub, call.caller)
    resource = firewall.resources.get(call.named("resource"))
    if resource is None:
        raise ReplyError(ErrorCode.NOT_FOUND, "nobody has reported such a resource; PUT it")
    return resource_answer(resource)


async def put_environment(hub: Hub, call: Call[ResourceBody, None]) -> EnvironmentResource:
    """Report what the environment has of one kind, in place of what was reported before. Entries that require it, or
    whose operation it covers, say nothing about what is there. For operators, and who may publish on
    `error_firewall`."""
    firewall, body, name = await firewall_for(hub, call.caller), call.body, call.named("resource")
    if len(name) > LONGEST or not name.isprintable():
        raise ReplyError(ErrorCode.INVALID_COMMAND, f"resource: expected a name of 1 to {LONGEST} characters")
    if name not in firewall.resources and len(firewall.resources) >= MOST:
        raise ReplyError(ErrorCode.CONFLICT, f"there are {MOST} resources already; report one of those")
    resource = Resource(name, body.items, body.covers, hub.clock.now(), name_of(call.caller))
    with in_words():
        return resource_answer(await firewall.put_resource(resource))
