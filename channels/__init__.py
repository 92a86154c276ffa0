"""The domain of Tocsin: channels, publications, positions, delivery. Knows no socket, no HTTP, no YAML."""

from channels.clock import Clock, SystemClock
from channels.engine import Engine, Ports
from channels.errors import ErrorCode, ReplyError
from channels.model import Channels, Draft, Gap, History, Position, PresenceState, Publication, Published, Subscribed
from channels.policy import Access, ChannelOptions, Operation, Policy, Principal

__all__ = [
    "Access",
    "ChannelOptions",
    "Channels",
    "Clock",
    "Draft",
    "Engine",
    "ErrorCode",
    "Gap",
    "History",
    "Operation",
    "Policy",
    "Ports",
    "Position",
    "PresenceState",
    "Principal",
    "Publication",
    "Published",
    "ReplyError",
    "Subscribed",
    "SystemClock",
]
