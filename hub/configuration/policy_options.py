"""From the options of channels to the channels' policy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from channels.model import NAMESPACES, Channels
from channels.policy import ChannelOptions, Policy
from hub.options import ChannelSection, ChannelsOptions


def policy_of(
    options: ChannelsOptions,
    of_adapters: Mapping[str, ChannelSection] = MappingProxyType({}),
    built_in: Mapping[str, ChannelSection] = MappingProxyType({}),
) -> Policy:
    """Build the policy. What a channel doesn't say itself comes from its namespace, and then from `defaults`.

    Args:
        of_adapters: channels that adapters bring with them, with what these ask of them; `options.named` overrides it.
        built_in: what fixed channels have where neither `options.named` nor `options.defaults` says anything.
    """
    names = dict.fromkeys([*Channels.all(), *of_adapters, *options.named])
    return Policy(
        {
            name: _merged(
                built_in.get(name, _NOTHING),
                options.defaults,
                of_adapters.get(name, _NOTHING),
                options.named.get(name, _NOTHING),
            )
            for name in names
        },
        {space: _merged(options.defaults, getattr(options, space)) for space in NAMESPACES},
        {f"room:{name}": _merged(options.defaults, options.room, own) for name, own in options.rooms.items()},
    )


_NOTHING = ChannelSection()


def _merged(*sections: ChannelSection) -> ChannelOptions:
    """Merge sections, the most general one first."""
    merged: dict[str, Any] = {}
    for section in sections:
        merged |= section.stated()
    schema, members = merged.pop("schema_", None), merged.pop("members", ())
    return ChannelOptions(**merged, schema=schema, members=frozenset(members))
