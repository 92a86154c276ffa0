"""Every option: its name, type, default, bounds, unit and meaning.

`config.yaml` and `docs/configuration.md` are written from here (`make docs`): a description becomes a comment there,
and an example becomes one that only has to be uncommented.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SecretStr

from channels.policy import Access
from hub.option_types import (
    ChannelName,
    Count,
    Host,
    JsonSchema,
    Name,
    Network,
    Origin,
    RoomName,
    Seconds,
    Section,
    Workers,
)
from hub.sections.agents import AgentsOptions
from hub.sections.alerts import AlertsOptions
from hub.sections.analysis import AnalysisOptions
from hub.sections.database import DatabaseOptions
from hub.sections.delivery_records import DeliveryRecordsOptions
from hub.sections.error_firewall import ErrorFirewallOptions
from hub.sections.events import EventsOptions
from hub.sections.hub_stats import HubStatsOptions
from hub.sections.notifiers import NotifiersOptions
from hub.sections.rag_trainer import RagTrainerOptions
from hub.sections.redis import RedisOptions
from hub.sections.socketio import SocketIoOptions
from hub.sections.system_stats import SystemStatsOptions
from hub.sections.vector_search import VectorSearchOptions
from hub.sections.webhooks import WebhooksOptions

_OFF = "0 turns it off"
_NONE = "0 is no limit"


class ServerOptions(Section):
    """Where the hub listens, and how it starts and stops."""

    host: str = Field(
        "127.0.0.1", min_length=1, description="address to listen on; anything but loopback needs auth.keys"
    )
    port: int = Field(8080, ge=0, le=65535, description="TCP port; 0 takes a free one")
    origins: tuple[Origin, ...] = Field(
        (),
        description="browser origins allowed beside the hub's own, for WebSocket and CORS",
        examples=[["https://app.example.com"]],
    )
    hosts: tuple[Host, ...] = Field(
        (),
        description="names this hub is called by (Host header), with or without a port; empty: any, but only loopback "
        "names while auth is off",
        examples=[["hub.example.com"]],
    )
    trusted_proxies: tuple[Network, ...] = Field(
        (), description="addresses of proxies whose X-Forwarded-For is believed", examples=[["10.0.0.0/8"]]
    )
    tls_certificate: str = Field("", description="PEM file with the certificate chain; empty: no TLS")
    tls_key: str = Field("", description="PEM file with the private key")
    drain: Seconds = Field(10.0, description="seconds over which connections are closed on stop")
    backlog: int = Field(1024, ge=1, description="connections that may wait to be accepted, in each process")
    workers: Workers = Field(
        1, description="processes that share the port; 0 or auto: as many as there are processors to use"
    )


class WebSocketOptions(Section):
    """The WebSocket endpoint."""

    path: str = Field("/ws", pattern=r"^/[A-Za-z0-9/_.-]*$", description="path of the endpoint")
    channels: tuple[Name, ...] = Field(
        (),
        description="channels that a client is subscribed to when it connects, as far as it may be",
        examples=[["system_alerts"]],
    )
    heartbeat: Seconds = Field(
        30.0, description=f"seconds between pings; a link silent for two of them is closed (4000); {_OFF}"
    )
    idle_timeout: Seconds = Field(
        300.0,
        description=f"seconds without a command and a publication, after which a connection is closed (4001); {_OFF}",
    )
    auth_timeout: Seconds = Field(10.0, description="seconds that a connection has for its authenticate message (4004)")
    close_timeout: Seconds = Field(
        5.0, description="seconds to wait for the other side's close before the socket is cut"
    )
    compression: bool = Field(True, description="offer permessage-deflate")
    compression_min_bytes: Count = Field(256, description="messages below this many bytes are sent uncompressed")
    coalesce_max: float = Field(
        0.008,
        ge=0,
        le=0.1,
        description="longest time, in seconds, that a publication waits to share a write; an idle hub never waits",
    )


class LimitOptions(Section):
    """Bounds. Going over one gives an error that names it, or a documented close code."""

    message_bytes: int = Field(
        1_048_576,
        ge=1024,
        le=1 << 30,
        description="longest message from a client, and longest HTTP body, in bytes",
    )
    commands_per_second: float = Field(
        50.0, ge=0, description=f"commands of one connection, per second in the long run; {_NONE}"
    )
    command_burst: int = Field(200, ge=1, description="commands that may come at once")
    batch: int = Field(100, ge=1, description="commands in one batch")
    errors_per_minute: Count = Field(
        300, description=f"refused commands of one connection in a minute before it is closed (4503); {_NONE}"
    )
    subscriptions: int = Field(100, ge=1, description="channels that one connection may be on")
    connections: int = Field(10_000, ge=0, description=f"connections in all; {_NONE}")
    connections_per_ip: int = Field(0, ge=0, description=f"connections from one address; {_NONE}")
    queued_bytes: int = Field(
        1_048_576, ge=4096, description="unread bytes kept for one connection before it is closed (4002)"
    )
    http_requests_per_second: float = Field(
        0.0, ge=0, description=f"HTTP requests from one address per second; {_NONE}"
    )
    channels: int = Field(100_000, ge=1, description="channels with a stream at one time")
    notify_queue: int = Field(
        10_000, ge=1, description="notifications from code that wait to be published; more are dropped and counted"
    )
    notify_queue_bytes: int = Field(64 << 20, ge=4096, description="bytes of them")
    idempotency_keys: int = Field(1_000_000, ge=1, description="idempotency keys remembered at one time")
    memberships: int = Field(1_000_000, ge=1, description="memberships of rooms, sessions and jobs kept at one time")
    revocations: int = Field(100_000, ge=1, description="revoked tokens and users remembered at one time")


class KeyOptions(Section):
    """A key that signs tokens."""

    id: Name = Field(description="`kid` in the token's header")
    secret: SecretStr = Field(
        SecretStr(""),
        description="the secret itself, at least 32 bytes; better given by TOCSIN_AUTH__KEYS__0__SECRET or secret_file",
    )
    secret_file: str = Field("", description="file that holds the secret")


class AuthOptions(Section):
    """Who may connect. Without keys the hub is open, and then listens on loopback only."""

    keys: tuple[KeyOptions, ...] = Field(
        (),
        description="keys that tokens may be signed with (HS256); the first one signs",
        examples=[[{"id": "2026-11", "secret_file": "/run/secrets/tocsin-2026-11"}]],
    )
    audience: str = Field("tocsin", min_length=1, description="`aud` that a token must have")
    issuer: str = Field("", description="`iss` that a token must have; empty: not checked")
    leeway: Seconds = Field(5.0, description="seconds by which clocks may differ")
    max_lifetime: float = Field(2_592_000.0, gt=0, description="longest life of a token (`exp` - `iat`), in seconds")
    anonymous: bool = Field(
        False, description="let clients without a token in, to subscribe to channels that are for everyone"
    )
    public_metrics: bool = Field(
        False, description="give /metrics to anyone; otherwise it needs a token with the claim admin: true"
    )


class ChannelSection(Section):
    """How a channel behaves."""

    history_size: Count = Field(100, description=f"publications kept; {_OFF} and positions with it")
    history_age: Seconds = Field(300.0, description="seconds a publication is kept")
    recover: bool = Field(True, description="answer `since` on subscribe from history")
    rewind: int = Field(
        0,
        ge=0,
        le=10_000,
        description="newest publications that a subscriber without `since` gets first, such as 1 for the present state",
    )
    inline: bool = Field(
        False,
        description="messages have the fields of `data` at their top level, too, for clients that know no envelope",
    )
    conflate: str = Field(
        "",
        pattern=r"^(|type|key|/.*)$",
        description='what makes the key of a publication: "" (no conflation), "type", "key" (the publisher\'s) or a '
        "JSON pointer into data",
    )
    schema_: JsonSchema | None = Field(
        None,
        alias="schema",
        description="JSON Schema that data must match; null: any data",
        examples=[{"type": "object", "required": ["status"]}],
    )
    subscribe: Access = Field(
        Access.EVERYONE, description="who may subscribe: everyone, users, members, token, operators, nobody"
    )
    publish: Access = Field(Access.TOKEN, description="who may publish over the wire")
    history: Access = Field(Access.EVERYONE, description="who may read history, of those who may subscribe")
    presence: Access = Field(Access.EVERYONE, description="who may see presence, of those who may subscribe")
    presence_events: bool = Field(True, description="send join and leave notices to those who ask for them")
    max_rate: float = Field(0.0, ge=0, description=f"publications that each process accepts per second; {_NONE}")
    max_bytes: Count = Field(0, description="longest data as JSON, in bytes; 0: only limits.message_bytes")
    members: tuple[Name, ...] = Field((), description="users that belong to it", examples=[["alice", "bob"]])

    def stated(self) -> dict[str, Any]:
        """Return what this section says itself: what is configured, and the defaults that only it has."""
        general = ChannelSection.model_fields
        return {
            name: getattr(self, name)
            for name, field in type(self).model_fields.items()
            if name in self.model_fields_set or field.default != general[name].default
        }


class PrivateSection(ChannelSection):
    """Only members may subscribe, whatever `defaults` says."""

    subscribe: Access = Field(Access.MEMBERS, description=f"{ChannelSection.model_fields['subscribe'].description}")


class RoomSection(PrivateSection):
    """Only members may subscribe or publish, whatever `defaults` says."""

    publish: Access = Field(Access.MEMBERS, description=f"{ChannelSection.model_fields['publish'].description}")


class ChannelsOptions(Section):
    """Which channels there are. Each entry overrides what it names; the rest comes from `defaults`."""

    defaults: ChannelSection = Field(ChannelSection(), description="what a channel has unless said otherwise")
    named: dict[ChannelName, ChannelSection] = Field(
        {},
        description="options of the six fixed channels, and channels of your own",
        examples=[{"deploys": {"history_size": 500, "history_age": 86400.0}, "db_pool_stats": {"conflate": "type"}}],
    )
    user: PrivateSection = Field(PrivateSection(), description="`user:ID`, that user only")
    room: RoomSection = Field(RoomSection(), description="`room:NAME`, its members")
    session: PrivateSection = Field(PrivateSection(), description="`session:ID`, its owner")
    job: PrivateSection = Field(PrivateSection(), description="`job:ID`, who started it")
    rooms: dict[RoomName, ChannelSection] = Field(
        {},
        description="single rooms, without `room:`; what they don't say comes from `room`",
        examples=[{"ops": {"members": ["alice", "bob"]}}],
    )


class LogOptions(Section):
    """What is logged, to standard output."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")
    format: Literal["auto", "json", "console"] = Field(
        "auto", description="json, console, or auto: console on a terminal"
    )
    access: bool = Field(False, description="log every HTTP request")


class Settings(Section):
    """The whole configuration."""

    server: ServerOptions = ServerOptions()
    websocket: WebSocketOptions = WebSocketOptions()
    events: EventsOptions = EventsOptions()
    socketio: SocketIoOptions = SocketIoOptions()
    limits: LimitOptions = LimitOptions()
    auth: AuthOptions = AuthOptions()
    channels: ChannelsOptions = ChannelsOptions()
    system_stats: SystemStatsOptions = SystemStatsOptions()
    hub_stats: HubStatsOptions = HubStatsOptions()
    alerts: AlertsOptions = AlertsOptions()
    analysis: AnalysisOptions = AnalysisOptions()
    rag_trainer: RagTrainerOptions = RagTrainerOptions()
    redis: RedisOptions = RedisOptions()
    database: DatabaseOptions = DatabaseOptions()
    agents: AgentsOptions = AgentsOptions()
    error_firewall: ErrorFirewallOptions = ErrorFirewallOptions()
    vector_search: VectorSearchOptions = VectorSearchOptions()
    notifiers: NotifiersOptions = NotifiersOptions()
    webhooks: WebhooksOptions = WebhooksOptions()
    delivery_records: DeliveryRecordsOptions = DeliveryRecordsOptions()
    log: LogOptions = LogOptions()

    def heartbeat(self, transport: str) -> float:
        """Return the seconds between two signs of life that are asked of a connection; 0 without."""
        return self.events.heartbeat if transport in ("sse", "ndjson") else self.websocket.heartbeat
