"""Which alerts a notifier is for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from channels.messages import SystemAlert

SEVERITIES: Final = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which alerts pass.

    Attributes:
        severities: levels that pass.
        labels: labels that an alert must have; values are patterns (`*`, `?`, `[abc]`), and all must match.
        resolved: also tell when an alert is resolved.
    """

    severities: Collection[str] = SEVERITIES
    labels: Mapping[str, str] = field(default_factory=dict)
    resolved: bool = True

    def passes(self, alert: SystemAlert) -> bool:
        """Tell whether the notifier is to say it."""
        if alert.severity not in self.severities or (alert.status == "resolved" and not self.resolved):
            return False
        return all(
            name in alert.labels and fnmatchcase(alert.labels[name], pattern) for name, pattern in self.labels.items()
        )
