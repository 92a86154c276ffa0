"""Every endpoint of the API, each once."""

from __future__ import annotations

from typing import Any, Final

from channels.errors import ErrorCode
from hub.descriptions import Placed, Statistics
from hub.http.api import answers, bodies, channels, connections, publishing, service
from hub.http.api.endpoint import Endpoint, Who
from hub.metrics import CONTENT_TYPE

_OPERATOR: Final = Who.OPERATOR
_CHANNEL: Final = (ErrorCode.UNKNOWN_CHANNEL,)
_READ: Final = (ErrorCode.UNKNOWN_CHANNEL, ErrorCode.PERMISSION_DENIED, ErrorCode.UNAVAILABLE)
_MEMBERS: Final = (ErrorCode.UNKNOWN_CHANNEL, ErrorCode.CONFLICT, ErrorCode.UNAVAILABLE)
_PUBLISH: Final = (
    ErrorCode.UNKNOWN_CHANNEL,
    ErrorCode.PERMISSION_DENIED,
    ErrorCode.INVALID_DATA,
    ErrorCode.RATE_LIMITED,
    ErrorCode.TOO_MANY_CHANNELS,
    ErrorCode.UNAVAILABLE,
)

ENDPOINTS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "POST",
        "/api/publish",
        "Publish to one channel, or to several",
        publishing.publish,
        Who.CALLER,
        "publish",
        answer=Placed,
        more_answers=(answers.Results,),
        body=bodies.PublishBody,
        errors=_PUBLISH,
    ),
    Endpoint(
        "POST",
        "/api/publish/batch",
        "Publish several publications",
        publishing.publish_batch,
        Who.CALLER,
        "publish",
        answer=answers.Results,
        body=bodies.PublishBatchBody,
    ),
    Endpoint(
        "GET",
        "/api/channels",
        "List the channels that the caller may see",
        channels.list_channels,
        Who.CALLER,
        "channels",
        answer=answers.ChannelList,
    ),
    Endpoint(
        "GET",
        "/api/channels/{channel}",
        "Describe a channel",
        channels.get_channel,
        Who.CALLER,
        "channels",
        answer=answers.ChannelState,
        errors=_READ,
    ),
    Endpoint(
        "GET",
        "/api/channels/{channel}/history",
        "Read a piece of history",
        channels.get_history,
        Who.CALLER,
        "channels",
        answer=answers.HistoryPiece,
        query=bodies.HistoryQuery,
        errors=(*_READ, ErrorCode.NO_HISTORY),
    ),
    Endpoint(
        "DELETE",
        "/api/channels/{channel}/history",
        "Forget what was published",
        channels.delete_history,
        _OPERATOR,
        "channels",
        errors=(*_CHANNEL, ErrorCode.NO_HISTORY, ErrorCode.UNAVAILABLE),
    ),
    Endpoint(
        "GET",
        "/api/channels/{channel}/presence",
        "Tell who is on a channel",
        channels.get_presence,
        Who.CALLER,
        "channels",
        answer=answers.PresenceState,
        query=bodies.PresenceQuery,
        errors=_READ,
    ),
    Endpoint(
        "GET",
        "/api/channels/{channel}/members",
        "Tell who belongs to a channel",
        channels.get_members,
        _OPERATOR,
        "members",
        answer=answers.Members,
        errors=_MEMBERS,
    ),
    Endpoint(
        "PUT",
        "/api/channels/{channel}/members/{user}",
        "Let a user belong to a channel",
        channels.add_member,
        _OPERATOR,
        "members",
        errors=_MEMBERS,
    ),
    Endpoint(
        "DELETE",
        "/api/channels/{channel}/members/{user}",
        "Expel a user from a channel",
        channels.remove_member,
        _OPERATOR,
        "members",
        answer=answers.Expelled,
        errors=_MEMBERS,
    ),
    Endpoint(
        "GET",
        "/api/connections",
        "List connections",
        connections.list_connections,
        _OPERATOR,
        "connections",
        answer=answers.ConnectionList,
        query=bodies.ConnectionsQuery,
    ),
    Endpoint(
        "DELETE",
        "/api/connections/{session}",
        "Disconnect one connection",
        connections.delete_connection,
        _OPERATOR,
        "connections",
        answer=answers.Disconnected,
        errors=(ErrorCode.NOT_FOUND,),
    ),
    Endpoint(
        "POST",
        "/api/disconnect",
        "Disconnect a client, a user or a session",
        connections.disconnect,
        _OPERATOR,
        "connections",
        answer=answers.Disconnected,
        body=bodies.DisconnectBody,
    ),
    Endpoint(
        "POST",
        "/api/send",
        "Send a message to one client",
        connections.send,
        _OPERATOR,
        "connections",
        answer=answers.Sent,
        body=bodies.SendBody,
        errors=(ErrorCode.NOT_FOUND,),
    ),
    Endpoint(
        "POST",
        "/api/revocations",
        "Revoke a token, or all tokens of a user",
        connections.revoke,
        _OPERATOR,
        "connections",
        body=bodies.RevokeBody,
        errors=(ErrorCode.UNAVAILABLE,),
    ),
    Endpoint("GET", "/api/stats", "The hub's numbers", service.get_stats, Who.CALLER, "service", answer=Statistics),
    Endpoint("GET", "/health", "Is the hub alive?", service.get_health, Who.ANYONE, "service", answer=answers.Alive),
    Endpoint(
        "GET",
        "/ready",
        "Does the hub take connections?",
        service.get_readiness,
        Who.ANYONE,
        "service",
        answer=answers.Ready,
        errors=(ErrorCode.UNAVAILABLE,),
    ),
    Endpoint(
        "GET", "/metrics", "Metrics for Prometheus", service.get_metrics, Who.SCRAPER, "service", media=CONTENT_TYPE
    ),
)
