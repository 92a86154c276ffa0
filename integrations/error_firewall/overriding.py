"""Letting a blocked operation run: by name, with a reason, and only who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from integrations.error_firewall.redaction import cut, without_secrets

LONGEST = 1_000
"""Characters of a reason."""

MayOverride = Callable[[str, str], bool]
"""Tells whether an actor may let a blocked operation run: `(actor, operation)`."""


class OverrideRefused(PermissionError):
    """A block can't be overridden so. Its text says what is missing."""


def nobody(_actor: str, _operation: str) -> bool:
    """Let nobody override: the default."""
    return False


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody takes the responsibility.

    Attributes:
        reason: why the operation should run nevertheless; goes into the audit and to the channel.
        actor: who says so.
    """

    reason: str
    actor: str

    def require(self, may: MayOverride, operation: str) -> Override:
        """Return it as it may be kept and shown.

        Raises:
            OverrideRefused: without a reason, a name or the permission.
        """
        actor, reason = visible(self.actor), without_secrets(self.reason.strip())
        if not reason or not actor:
            raise OverrideRefused("expected who overrides and a reason; give both")
        if not may(actor, operation):
            raise OverrideRefused(f"{actor} may not override a block of {operation}; ask who runs the firewall")
        return Override(cut(reason, LONGEST), actor)


def visible(name: str) -> str:
    """Return a person's or program's name in one line of visible characters."""
    return "".join(c if c.isprintable() else " " for c in cut(name.strip(), 200)).strip()
