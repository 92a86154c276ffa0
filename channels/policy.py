"""Options of channels and namespaces, and who may do what on them. Pure decisions; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from channels.errors import unknown_channel
from channels.model import namespace_of, user_channel


class Access(StrEnum):
    """Who may do an operation on a channel. A capability in a token always suffices, whatever the rule says."""

    EVERYONE = "everyone"
    """Any connection, also an anonymous one."""
    USERS = "users"
    """Any connection with a user."""
    MEMBERS = "members"
    """`user:` that user; elsewhere the users named in configuration, token or membership."""
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    """Only a token that names the channel (or a pattern that matches it)."""
    OPERATORS = "operators"
    """Who may use the operators' API. Such a channel is not named to anybody who didn't ask for it."""
    NOBODY = "nobody"
    """Not even a token; the server's own code still may."""


class Operation(StrEnum):
    """What a rule is about; also the names of the capabilities in a token."""

    SUBSCRIBE = "subscribe"
    PUBLISH = "publish"
    HISTORY = "history"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is on the other side, once and for all transports.

    Attributes:
        user: user id, or `None` for an anonymous connection.
        token_id: `jti` of the token, for revocation.
        issued: when the token was issued, seconds since 1970.
        expires: when the token ends, seconds since 1970; `None` never.
        capabilities: per operation, the channel names and patterns (`*`, `?`) that the token grants.
        rooms: rooms, without `room:`, of which the token makes its user a member.
        admin: may use the operators' API, and follow the operators' channels.
    """

    user: str | None = None
    token_id: str | None = None
    issued: float | None = None
    expires: float | None = None
    capabilities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    admin: bool = False
    rooms: frozenset[str] = frozenset()

    @property
    def has_token(self) -> bool:
        """Whether it came with a token. On an open hub nobody does."""
        return self.issued is not None

    def owns(self, channel: str) -> bool:
        """Tell whether `channel` is the user's own, or a room that the token names."""
        space = namespace_of(channel)
        if space is None or self.user is None:
            return False
        return space == ("user", self.user) or (space[0] == "room" and space[1] in self.rooms)

    def grants(self, operation: Operation, channel: str) -> bool:
        """Tell whether the token itself allows `operation` on `channel`."""
        return any(fnmatchcase(channel, pattern) for pattern in self.capabilities.get(operation.value, ()))


ANONYMOUS = Principal()


@dataclass(frozen=True, slots=True)
class ChannelOptions:
    """How one channel behaves. Defaults are those of `config.yaml`.

    Attributes:
        history_size: publications kept; 0 keeps none, and publications then have no position.
        history_age: seconds a publication is kept.
        recover: answer `since` on subscribe from history.
        rewind: newest publications that a subscriber without `since` gets first; needs history.
        inline: messages of the plain protocol have the fields of `data` at their top level, too.
        conflate: what makes the key of a publication: "" (no conflation), `type`, `key` (the publisher's), or a JSON
        pointer into the data.
        schema: JSON Schema (2020-12) that `data` must match.
        subscribe, publish, history, presence: who may.
        presence_events: also send join and leave notices to those who ask.
        max_rate: publications per second that a process accepts; 0 is no limit. Bursts of one second's worth pass.
        max_bytes: longest `data` as JSON text; 0 is no limit beyond the message's.
        members: users that belong to it, by configuration.
    """

    history_size: int = 100
    history_age: float = 300.0
    recover: bool = True
    rewind: int = 0
    inline: bool = False
    conflate: str = ""
    schema: Mapping[str, Any] | None = None
    subscribe: Access = Access.EVERYONE
    publish: Access = Access.TOKEN
    history: Access = Access.EVERYONE
    presence: Access = Access.EVERYONE
    presence_events: bool = True
    max_rate: float = 0.0
    max_bytes: int = 0
    members: frozenset[str] = frozenset()

    def rule(self, operation: Operation) -> Access:
        """Return who may do `operation`."""
        return {
            Operation.SUBSCRIBE: self.subscribe,
            Operation.PUBLISH: self.publish,
            Operation.HISTORY: self.history,
            Operation.PRESENCE: self.presence,
        }[operation]


class Policy:
    """All channels that exist by name, the namespaces, and their options.

    Args:
        named: fixed and configured channels.
        namespaces: options of `user`, `room`, `session`, `job`. A namespace that is missing is closed.
        overrides: options of single channels inside a namespace, such as `room:ops`.
    """

    def __init__(
        self,
        named: Mapping[str, ChannelOptions],
        namespaces: Mapping[str, ChannelOptions],
        overrides: Mapping[str, ChannelOptions] | None = None,
    ) -> None:
        self._named = dict(named)
        self._namespaces = dict(namespaces)
        self._overrides = dict(overrides or {})

    def adopt(self, other: Policy) -> None:
        """Decide as `other` does from now on. All who hold this policy see the change at once."""
        self._named, self._namespaces, self._overrides = other._named, other._namespaces, other._overrides

    @property
    def names(self) -> list[str]:
        """The named channels, fixed ones first."""
        return list(self._named)

    def listed(self, names: Iterable[str]) -> list[str]:
        """Leave out the channels that operators alone follow: a client's list has what an application is made of."""
        return [name for name in names if self.options(name).subscribe is not Access.OPERATORS]

    def is_inline(self, channel: str) -> bool:
        """Tell whether the channel's messages have the fields of their data at the top level, too."""
        options = self.find(channel)
        return options is not None and options.inline

    def find(self, channel: str) -> ChannelOptions | None:
        """Return a channel's options; `None` if there is no such channel."""
        options = self._named.get(channel) or self._overrides.get(channel)
        if options is not None:
            return options
        space = namespace_of(channel)
        return None if space is None else self._namespaces.get(space[0])

    def exists(self, channel: str) -> bool:
        """Tell whether there is such a channel."""
        return self.find(channel) is not None

    def options(self, channel: str) -> ChannelOptions:
        """Return a channel's options.

        Raises:
            ReplyError: `unknown_channel`.
        """
        options = self.find(channel)
        if options is None:
            raise unknown_channel(channel, self.listed(self.names))
        return options

    def allows(self, principal: Principal, operation: Operation, channel: str) -> bool | None:
        """Decide from rules, configuration and token alone.

        Returns:
            `True` or `False` when that settles it; `None` when it depends on membership (`channels.ports.Membership`).

        Raises:
            ReplyError: `unknown_channel`.
        """
        options = self.options(channel)
        match options.rule(operation):
            case Access.NOBODY:
                return False
            case Access.EVERYONE:
                return True
            case Access.USERS if principal.user is not None:
                return True
            case Access.OPERATORS if principal.admin:
                return True
            case Access.MEMBERS if principal.user is not None:
                if principal.owns(channel) or principal.user in options.members or principal.grants(operation, channel):
                    return True
                return False if channel.startswith("user:") else None
            case _:
                return principal.grants(operation, channel)

    def visible_to(self, principal: Principal) -> list[str]:
        """The named channels that `principal` may subscribe to, and its own `user:` channel."""
        names = [name for name in self._named if self.allows(principal, Operation.SUBSCRIBE, name)]
        own = user_channel(principal.user) if principal.user is not None else ""
        if self.exists(own) and self.allows(principal, Operation.SUBSCRIBE, own):
            names.append(own)
        return names


def with_members(options: ChannelOptions, members: Iterable[str]) -> ChannelOptions:
    """Return the same options for a channel that also belongs to `members`."""
    return replace(options, members=options.members | frozenset(members))
