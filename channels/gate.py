"""May this principal do that here? Rules and token first, membership where they leave it open."""

from __future__ import annotations

from channels.errors import ErrorCode, ReplyError, unknown_channel
from channels.policy import Operation, Policy, Principal
from channels.ports import Membership

_VERB = {
    Operation.SUBSCRIBE: "subscribe to",
    Operation.PUBLISH: "publish to",
    Operation.HISTORY: "read the history of",
    Operation.PRESENCE: "see who is on",
}


class Gate:
    """The one place where permission is decided, for every transport.

    Args:
        policy: channels, their options and rules.
        membership: who was added to rooms, sessions and jobs at run time.
    """

    def __init__(self, policy: Policy, membership: Membership) -> None:
        self.policy = policy
        self.membership = membership

    async def allows(self, principal: Principal, operation: Operation, channel: str) -> bool:
        """Decide.

        Raises:
            ReplyError: `unknown_channel`, naming the channels that this principal may subscribe to; or `unavailable`.
        """
        if not self.policy.exists(channel):
            raise unknown_channel(channel, self.policy.listed(self.policy.visible_to(principal)))
        decided = self.policy.allows(principal, operation, channel)
        if decided is None:
            return await self.membership.contains(channel, principal.user or "")
        return decided

    async def require(self, principal: Principal, *operations: Operation, channel: str) -> None:
        """Refuse what is not allowed. All of `operations` must be.

        Raises:
            ReplyError: `unknown_channel`, `permission_denied` or `unavailable`.
        """
        for operation in operations:
            if not await self.allows(principal, operation, channel):
                who = f"user {principal.user}" if principal.user else "an anonymous client"
                raise ReplyError(
                    ErrorCode.PERMISSION_DENIED, f"{who} may not {_VERB[operation]} {channel}", channel=channel
                )
