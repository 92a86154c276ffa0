"""Findings as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from integrations.code_analysis.finding import Finding, Severity
from integrations.code_analysis.report import Outcome, Report

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final[Mapping[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}
_MARK: Final = "tocsinFingerprint/v1"


def sarif(report: Report, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return a log of `findings`, with one run for each linter that was there, also one without findings."""
    present = [outcome for outcome in report.outcomes if outcome.status != "skipped"]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [_run(report, outcome, [f for f in findings if f.linter == outcome.name]) for outcome in present],
    }


def _run(report: Report, outcome: Outcome, findings: Sequence[Finding]) -> dict[str, Any]:
    rules = sorted({finding.rule for finding in findings})
    driver: dict[str, Any] = {"name": outcome.name, "rules": [{"id": rule} for rule in rules]}
    if outcome.version is not None:
        driver["version"] = outcome.version
    invocation: dict[str, Any] = {"executionSuccessful": outcome.status == "ok"}
    if outcome.reason is not None:
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": outcome.reason}}]
    return {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "the top of the repository"}}},
        "properties": {"commit": report.commit},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(findings, rules)),
    }


def _results(findings: Iterable[Finding], rules: list[str]) -> Iterable[dict[str, Any]]:
    places = {rule: number for number, rule in enumerate(rules)}
    for finding in findings:
        location: dict[str, Any] = {
            "artifactLocation": {"uri": quote(finding.path, safe="/", errors="replace"), "uriBaseId": "SRCROOT"}
        }
        if finding.line:
            location["region"] = {"startLine": finding.line}
            if finding.column:
                location["region"]["startColumn"] = finding.column
        yield {
            "ruleId": finding.rule,
            "ruleIndex": places[finding.rule],
            "level": _LEVELS[finding.severity],
            "message": {"text": finding.message},
            "locations": [{"physicalLocation": location}],
            "partialFingerprints": {_MARK: finding.fingerprint},
        }
