"""From the options of channels to the channels' policy."""

from __future__ import annotations

from typing import Any

from channels.model import NAMESPACES, Channels
from channels.policy import ChannelOptions, Policy
from hub.options import ChannelSection, ChannelsOptions


def policy_of(options: ChannelsOptions) -> Policy:
    """Build the policy. What a channel doesn't say itself comes from its namespace, and then from `defaults`."""
    names = dict.fromkeys([*Channels.all(), *options.named])
    return Policy(
        {name: _merged(options.defaults, options.named.get(name, ChannelSection())) for name in names},
        {space: _merged(options.defaults, getattr(options, space)) for space in NAMESPACES},
        {f"room:{name}": _merged(options.defaults, options.room, own) for name, own in options.rooms.items()},
    )


def _merged(*sections: ChannelSection) -> ChannelOptions:
    """Merge sections, the most general one first."""
    merged: dict[str, Any] = {}
    for section in sections:
        merged |= section.stated()
    schema, members = merged.pop("schema_", None), merged.pop("members", ())
    return ChannelOptions(**merged, schema=schema, members=frozenset(members))
