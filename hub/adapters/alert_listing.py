"""Alerts and rules of all processes: the book, which each of them has, and what only each one knows of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from channels.clock import Clock, iso
from hub.adapters.alert_desk import AlertDesk
from hub.adapters.alert_watch import AlertWatch
from hub.peers import Answers, Peers, Question
from integrations.system_monitor.book import Entry
from integrations.system_monitor.evaluation import Evaluation, State

_QUESTION: Final = "alert rules"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows (JSON), and whether those of all processes are among them.

    Attributes:
        missing, partial: as in `hub.peers.Answers`.
    """

    rows: list[dict[str, Any]]
    missing: tuple[str, ...] = ()
    partial: bool = False


class AlertListing:
    """Lists, and tells the other processes of the rules here."""

    def __init__(self, desk: AlertDesk, watch: AlertWatch, clock: Clock, peers: Peers) -> None:
        self._desk = desk
        self._watch = watch
        self._clock = clock
        self._peers = peers
        peers.answer(_QUESTION, self._asked)

    async def alerts(self) -> Gathered:
        """Return alerts that fire or are pending, and then those resolved of late; the newest first."""
        nodes, answers = await self._of_all()
        now = self._clock.now()
        current = {rule["alert_id"]: rule["value"] for rules in nodes.values() for rule in rules if rule["alert_id"]}
        entries = [entry for entry in self._desk.book if entry.firing or self._is_recent(entry, now)]
        rows = [self._row(entry, now, current) for entry in entries]
        rows += [
            _pending(rule, node)
            for node, rules in sorted(nodes.items())
            for rule in rules
            if rule["state"] == State.PENDING
        ]
        order = {"firing": 0, "pending": 1, "resolved": 2}
        rows.sort(key=lambda row: row["started_at"], reverse=True)
        rows.sort(key=lambda row: order[row["status"]])
        return Gathered(rows, answers.missing, answers.partial)

    async def rules(self) -> Gathered:
        """Return all rules, each with its state in each process."""
        nodes, answers = await self._of_all()
        rows: dict[str, dict[str, Any]] = {}
        for node, rules in sorted(nodes.items()):
            for rule in rules:
                row = rows.setdefault(rule["name"], {**rule["rule"], "name": rule["name"], "nodes": []})
                state = {name: rule[name] for name in ("state", "value", "missing", "seconds", "firings")}
                row["nodes"].append({"node": node, **state})
        return Gathered(list(rows.values()), answers.missing, answers.partial)

    def row(self, entry: Entry) -> dict[str, Any]:
        """Return one alert."""
        return self._row(entry, self._clock.now(), {})

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Count the alerts of this process, by state and severity."""
        now = self._clock.now()
        counts: Counter[tuple[str, str]] = Counter()
        for entry in self._desk.book:
            if entry.owner == self._watch.node and (entry.firing or self._is_recent(entry, now)):
                counts[entry.alert.status, entry.alert.severity] += 1
        for evaluation in self._watch.evaluations:
            if evaluation.state is State.PENDING:
                counts["pending", evaluation.rule.severity] += 1
        return counts

    def _is_recent(self, entry: Entry, now: float) -> bool:
        ended = entry.alert.ended_at
        return ended is not None and now - ended.timestamp() < self._desk.times.keep

    async def _of_all(self) -> tuple[dict[str, list[dict[str, Any]]], Answers]:
        answers = await self._peers.ask(_QUESTION, {})
        others = {node: rules for node, rules in answers.by_node.items() if isinstance(rules, list)}
        return {self._watch.node: self._own(), **others}, answers

    async def _asked(self, _about: Question) -> list[dict[str, Any]]:
        return self._own()

    def _own(self) -> list[dict[str, Any]]:
        return [self._state(evaluation) for evaluation in self._watch.evaluations]

    def _state(self, evaluation: Evaluation) -> dict[str, Any]:
        rule, watch = evaluation.rule, self._watch
        entry = self._desk.book.firing(rule.key_for(watch.node, watch.host))
        since = 0.0 if evaluation.since is None else self._clock.monotonic() - evaluation.since
        own = entry is not None and entry.owner == watch.node
        return {
            "name": rule.name,
            "state": evaluation.state.value,
            "value": None if evaluation.value is None else round(evaluation.value, 3),
            "missing": evaluation.missing,
            "seconds": round(since, 3),
            "firings": evaluation.firings,
            "alert_id": entry.alert.alert_id if entry is not None and own else None,
            "labels": rule.labels_for(watch.node, watch.host),
            "started_at": iso(self._clock.now() - since),
            "rule": {
                "metric": rule.metric,
                "unit": rule.measure.unit,
                "about": rule.measure.about,
                "comparison": rule.comparison,
                "threshold": rule.threshold,
                "clear": rule.threshold if rule.clear is None else rule.clear,
                "hold": rule.hold,
                "clear_hold": rule.clear_hold,
                "severity": rule.severity,
                "repeat": rule.repeat,
                "runbook_url": rule.runbook_url,
            },
        }

    def _row(self, entry: Entry, now: float, current: Mapping[str, Any]) -> dict[str, Any]:
        alert = entry.alert.model_dump(mode="json")
        if entry.firing and current.get(alert["alert_id"]) is not None:
            alert["value"] = current[alert["alert_id"]]
        said = entry.acknowledgement
        return {
            **alert,
            "owner": entry.owner,
            "silenced_by": self._desk.book.silenced_by(entry.alert, now) if entry.firing else [],
            "acknowledged": None if said is None else {"by": said.by, "at": iso(said.at), "note": said.note},
        }


def _pending(rule: Mapping[str, Any], node: str) -> dict[str, Any]:
    """Return a row for an alert that isn't one yet."""
    about = rule["rule"]
    return {
        "alert_id": None,
        "name": rule["name"],
        "severity": about["severity"],
        "status": "pending",
        "summary": f"{rule['name']}: {rule['value']:g} {about['unit']}",
        "started_at": rule["started_at"],
        "labels": rule["labels"],
        "metric": about["metric"],
        "unit": about["unit"],
        "value": rule["value"],
        "threshold": about["threshold"],
        "source": node,
        "owner": node,
        "silenced_by": [],
        "acknowledged": None,
    }
