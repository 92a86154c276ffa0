"""What a linter says about a file, and how a finding is known again in the next commit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal, cast

Severity = Literal["error", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")
"""From the worst to the mildest."""

MESSAGE_MAX: Final = 500
"""Characters of a finding's message; linters quote whole lines."""
RULE_MAX: Final = 100
_LINE_MAX: Final = 10_000_000
_UNSEEN: Final = re.compile(r"[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069\uD800-\uDFFF]")
_DIGITS: Final = re.compile(r"\d+")
_BLANKS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One complaint.

    Attributes:
        path: from the repository's top, as `shown` writes it.
        line, column: from 1; 0: the file as a whole.
        fingerprint: the same as long as the complaint is about the same text, wherever in its file that stands.
    """

    linter: str
    rule: str
    severity: Severity
    path: str
    line: int
    column: int
    message: str
    fingerprint: str = ""


def shown(text: str) -> str:
    """Write what doesn't print, or turns the direction of writing, as an escape: names of files may hold anything."""
    return _UNSEEN.sub(lambda found: found.group().encode("unicode_escape", "surrogatepass").decode(), text)


def shortened(text: str, limit: int) -> str:
    """Return one visible line of at most `limit` characters."""
    line = shown(_BLANKS.sub(" ", text).strip()) or "(no text)"
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def make_finding(
    linter: str, rule: str, severity: Severity, path: str, line: object, column: object, message: str
) -> Finding:
    """Make a finding out of what a linter printed, within bounds."""
    return Finding(
        linter, shortened(rule, RULE_MAX), severity, path, _place(line), _place(column), shortened(message, MESSAGE_MAX)
    )


def _place(value: object) -> int:
    return min(max(value, 0), _LINE_MAX) if isinstance(value, int) else 0


def fingerprinted(findings: Iterable[Finding], text: str) -> list[Finding]:
    """Give each finding of one linter in one file its fingerprint.

    It is made of linter, rule, file, the line's text without blanks at its ends, and the message without its numbers;
    not of the line's number, so that what is inserted above changes nothing. Equal ones are told apart by their order.

    Args:
        text: the file's content.
    """
    lines = text.splitlines()
    seen: Counter[str] = Counter()
    marked = []
    for finding in sorted(findings, key=lambda f: (f.line, f.column, f.rule, f.message)):
        about = _line(lines, finding.line)
        base = "\0".join((finding.linter, finding.rule, finding.path, about, _DIGITS.sub("#", finding.message)))
        number = seen[base]
        seen[base] += 1
        mark = sha256(f"{base}\0{number}".encode(errors="surrogatepass")).hexdigest()[:24]
        marked.append(
            Finding(
                finding.linter,
                finding.rule,
                finding.severity,
                finding.path,
                finding.line,
                finding.column,
                finding.message,
                mark,
            )
        )
    return marked


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def counted(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Count by severity; all three are there."""
    numbers = Counter(finding.severity for finding in findings)
    return {severity: numbers[severity] for severity in SEVERITIES}


def packed(findings: Iterable[Finding]) -> list[list[Any]]:
    """Return findings of one linter in one file as JSON, without what they have in common."""
    return [[f.rule, f.severity, f.line, f.column, f.message, f.fingerprint] for f in findings]


def unpacked(rows: object, linter: str, path: str) -> list[Finding]:
    """Read what `packed` wrote.

    Raises:
        ValueError: it wrote something else.
    """
    try:
        found = []
        for rule, severity, line, column, message, mark in cast("Any", rows):
            if severity not in SEVERITIES:
                raise ValueError(f"expected a severity, came {severity!r}")
            found.append(Finding(linter, rule, severity, path, line, column, message, mark))
        return found
    except TypeError as error:
        raise ValueError(f"expected rows of findings: {error}") from None
