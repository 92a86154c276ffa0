"""What one message of a notifier says, and how it says it to people."""

from __future__ import annotations

from dataclasses import dataclass

from channels.messages import SystemAlert


@dataclass(frozen=True, slots=True)
class Notice:
    """One message.

    Attributes:
        id: of the message; the same for each try, so that a receiver can tell a repetition.
        alerts: those that it shows, most severe first where there are several.
        more: alerts beside them that came too fast, told as a number only.
        missed: earlier alerts that could not be sent when they came.
        acknowledged: somebody takes care of `alerts` (which still fire).
    """

    id: str
    alerts: tuple[SystemAlert, ...] = ()
    more: int = 0
    missed: int = 0
    acknowledged: bool = False

    def __len__(self) -> int:
        """Alerts that this message tells of, but for `missed`, which were counted when they failed."""
        return len(self.alerts) + self.more


def state_of(alert: SystemAlert, acknowledged: bool = False) -> str:
    """Return `FIRING`, `RESOLVED` or `ACKNOWLEDGED`."""
    return "ACKNOWLEDGED" if acknowledged else alert.status.upper()


def headline(alert: SystemAlert, acknowledged: bool = False) -> str:
    """Say in one line what happened."""
    return f"[{state_of(alert, acknowledged)}] {alert.severity}: {alert.name}"


def title(notice: Notice) -> str:
    """Say in one line what the whole message is about."""
    if not notice.alerts:
        return " ".join(rest(notice)) or "no alerts"
    first = headline(notice.alerts[0], notice.acknowledged)
    others = len(notice) - 1
    return first if not others else f"{first} and {others} more"


def facts(alert: SystemAlert) -> dict[str, str]:
    """Return what is known of an alert beside its summary, by names for people, in the order to show it."""
    facts: dict[str, str] = {}
    unit = f" {alert.unit}" if alert.unit else ""
    if alert.value is not None:
        facts["value"] = f"{alert.value:g}{unit}"
    if alert.threshold is not None:
        facts["threshold"] = f"{alert.threshold:g}{unit}"
    facts["started"] = alert.started_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    if alert.ended_at is not None:
        facts["ended"] = alert.ended_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    told = {"description": alert.description, "what to do": alert.runbook_url, "why resolved": alert.reason}
    facts |= {name: text for name, text in told.items() if text}
    return facts | dict(alert.labels)


def rest(notice: Notice) -> list[str]:
    """Return the sentences about alerts that aren't shown."""
    sentences = []
    if notice.more:
        sentences.append(f"and {notice.more} more {'alert' if notice.more == 1 else 'alerts'}.")
    if notice.missed:
        sentences.append(f"{notice.missed} earlier {'alert' if notice.missed == 1 else 'alerts'} could not be sent.")
    return sentences
