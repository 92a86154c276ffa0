"""What `tocsin firewall` shows to people: verdicts in lines, lists in tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hub.cli.terminal import Colour, Terminal, visible

PIPED: Final = 200
"""Columns of a table that goes into a pipe or a file, where nobody knows how wide it may be."""

_COLOURS: Final = {"block": Colour.RED, "warn": Colour.YELLOW, "allow": Colour.GREEN}
_STYLES: Final = {"confirmed": "red", "suggested": "yellow", "observed": "cyan", "retired": "bright_black"}

Json = Mapping[str, Any]


def verdict_lines(verdict: Json, terminal: Terminal) -> list[str]:
    """Say what a check says: the decision first, then why, and what to do instead."""
    decision = str(verdict.get("decision"))
    head = terminal.paint(decision.upper(), _COLOURS.get(decision, Colour.GREY))
    lines = [f"{head} {visible(str(verdict.get('operation')))}: {visible(str(verdict.get('why')))}"]
    solution = verdict.get("solution")
    if solution:
        lines.append(f"solution: {visible(str(solution['text']))}")
    match = verdict.get("match")
    if match:
        sure = confidence(verdict.get("confidence"))
        lines.append(visible(f"known as {match['entry_id']} ({match['kind']}, {match['status']}, confidence {sure})"))
    lines.append(visible(f"check {verdict.get('check_id')}, {verdict.get('ms', 0):.2f} ms"))
    if verdict.get("degraded"):
        lines.append(terminal.paint("degraded: the check could not be made as it should", Colour.YELLOW))
    if verdict.get("would_block"):
        lines.append("dry run: it would have been blocked")
    return lines


def confidence(value: Json | None) -> str:
    """Write a confidence with what it rests on."""
    if not value:
        return "unknown"
    return f"{value['value']:.2f} ({value['successes']} for, {value['failures']} against)"


def entry_lines(entry: Json) -> list[str]:
    """Describe a record or a rule, a field a line."""
    shown = {
        "id": entry.get("id"),
        "operation": entry.get("operation"),
        "error": entry.get("error_type"),
        "status": entry.get("status"),
        "solution": (entry.get("solution") or {}).get("text"),
        "confidence": confidence(entry.get("confidence")),
        "occurrences": entry.get("occurrences"),
        "last seen": moment(entry.get("last_seen")),
        "expires": moment(entry.get("expires_at")),
        "changed by": entry.get("changed_by"),
        "reason": entry.get("reason"),
        "params": _values(entry.get("params")),
        "message": entry.get("message"),
    }
    return [visible(f"{name + ':':<13}{value}") for name, value in shown.items() if value not in (None, "")]


def _values(values: Json | None) -> str:
    return ", ".join(f"{name}={value}" for name, value in (values or {}).items())


def moment(text: str | None) -> str:
    """Shorten a time (UTC, ISO 8601) to its seconds."""
    day, _, time = (text or "").partition("T")
    return f"{day} {time[:8]}Z" if time else day


def records_table(records: Iterable[Json]) -> Table:
    """List records, or rules."""
    rows = (
        (
            record.get("id"),
            record.get("status"),
            record.get("operation"),
            record.get("error_type"),
            record.get("occurrences", ""),
            moment(record.get("last_seen") or record.get("updated_at")),
            (record.get("solution") or {}).get("text", ""),
        )
        for record in records
    )
    return _table(("id", "status", "operation", "error", "seen", "last", "solution"), rows)


def rules_table(rules: Iterable[Json]) -> Table:
    """List rules with their conditions."""
    rows = (
        (
            rule.get("id"),
            rule.get("status"),
            rule.get("operation"),
            " and ".join(f"{one['field']} {one['kind']} {one['argument']}" for one in rule.get("predicates", ())),
            (rule.get("solution") or {}).get("text", ""),
        )
        for rule in rules
    )
    return _table(("id", "status", "operation", "conditions", "solution"), rows)


def verdicts_table(verdicts: Iterable[Json]) -> Table:
    """List verdicts out of the books."""
    rows = (
        (
            moment(audited.get("at")),
            audited["verdict"].get("decision"),
            audited["verdict"].get("operation"),
            (audited["verdict"].get("match") or {}).get("entry_id", ""),
            audited.get("actor") or "",
            audited["verdict"].get("why"),
        )
        for audited in verdicts
    )
    return _table(("time", "decision", "operation", "entry", "asked by", "why"), rows)


def numbers_table(numbers: Json) -> Table:
    """Show numbers by their names, those of a group under its name."""
    rows: list[tuple[Any, Any]] = []
    for name, value in numbers.items():
        if isinstance(value, Mapping):
            rows += [(f"{name}.{inner}", number) for inner, number in value.items()]
        else:
            rows.append((name, value))
    return _table(("number", "value"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold", justify="right" if head in ("seen", "value") else "left")
    for row in rows:
        # As Text, so that nobody's data is taken for markup.
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: Any) -> Text:
    text = visible("" if value is None else str(value))
    return Text(text, style=_STYLES.get(text, ""))


def show(table: Table, terminal: Terminal) -> None:
    """Print a table as wide as the terminal, and in a pipe as wide as it needs to be."""
    console = Console(
        file=terminal.out,
        width=None if terminal.interactive else PIPED,
        force_terminal=terminal.colour_out,
        no_color=not terminal.colour_out,
        highlight=False,
        soft_wrap=False,
    )
    console.print(table)
