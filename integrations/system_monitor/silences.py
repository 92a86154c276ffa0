"""Silences: alerts that nobody is to be notified of for a time. They are published and listed all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from channels.messages import SystemAlert


@dataclass(frozen=True, slots=True)
class Silence:
    """What is to be silent, until when, and who says so.

    Attributes:
        matchers: what the alert must have: `name`, `severity`, `source` or any label, and its value, in which `*` and
            `?` stand for other characters. All must match.
        until: seconds since 1970; `None`: as long as it is configured.
        by: who made it.
    """

    id: str
    matchers: Mapping[str, str]
    until: float | None
    by: str
    comment: str = ""
    created: float = 0.0

    def covers(self, alert: SystemAlert, now: float) -> bool:
        """Tell whether `alert` is silent now."""
        if not self.in_force(now):
            return False
        values = {**alert.labels, "name": alert.name, "severity": alert.severity, "source": alert.source or ""}
        return all(name in values and fnmatchcase(values[name], wanted) for name, wanted in self.matchers.items())

    def in_force(self, now: float) -> bool:
        """Tell whether it has not ended yet."""
        return self.until is None or self.until > now
