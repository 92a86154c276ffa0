"""Findings as SARIF."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs

from integrations.code_analysis.finding import Finding
from integrations.code_analysis.report import Outcome, Report
from integrations.code_analysis.sarif import SCHEMA, sarif

SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "message": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "run": {
            "type": "object",
            "required": ["tool", "results"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "type": "object",
                            "required": ["name"],
                            "additionalProperties": False,
                            "properties": {
                                "name": {"type": "string"},
                                "version": {"type": "string"},
                                "rules": {
                                    "type": "array",
                                    "uniqueItems": True,
                                    "items": {"type": "object", "required": ["id"]},
                                },
                            },
                        }
                    },
                },
                "invocations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["executionSuccessful"],
                        "additionalProperties": False,
                        "properties": {
                            "executionSuccessful": {"type": "boolean"},
                            "toolExecutionNotifications": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "required": ["message"],
                                    "properties": {
                                        "level": {"$ref": "#/$defs/level"},
                                        "message": {"$ref": "#/$defs/message"},
                                    },
                                },
                            },
                        },
                    },
                },
                "originalUriBaseIds": {"type": "object"},
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "properties": {"type": "object"},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"$ref": "#/$defs/level"},
                "message": {"$ref": "#/$defs/message"},
                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                "locations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "physicalLocation": {
                                "type": "object",
                                "required": ["artifactLocation"],
                                "properties": {
                                    "artifactLocation": {
                                        "type": "object",
                                        "properties": {
                                            "uri": {"type": "string", "pattern": "^[!-~]+$"},
                                            "uriBaseId": {"type": "string"},
                                        },
                                    },
                                    "region": {
                                        "type": "object",
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1},
                                            "startColumn": {"type": "integer", "minimum": 1},
                                        },
                                    },
                                },
                            }
                        },
                    },
                },
            },
        },
    },
}
"""The part of the standard's schema that our logs use, closed so that what isn't in it is found."""

FINDINGS = [
    Finding("ruff", "F401", "warning", "a b/größe.py", 3, 5, "unused", "f1"),
    Finding("ruff", "E999", "error", "c.py", 0, 0, "broken", "f2"),
    Finding("ruff", "F401", "warning", "c.py", 1, 0, "unused", "f3"),
    Finding("radon", "complexity", "info", "c.py", 1, 1, "complex", "f4"),
]
OUTCOMES = [
    Outcome("ruff", "0.17.5"),
    Outcome("radon", "6.0.1", "failed", "it crashed"),
    Outcome("bandit"),
    Outcome("yamllint", status="skipped"),
]


def log(findings: list[Finding]) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(json.dumps(sarif(Report("HEAD", commit="c1", outcomes=OUTCOMES), findings)))
    return value


def test_a_log_has_the_standards_shape() -> None:
    """With findings and without."""
    validator = jsonschema_rs.validator_for(SHAPE)
    assert list(validator.iter_errors(log(FINDINGS))) == []
    assert list(validator.iter_errors(log([]))) == []
    assert log([])["$schema"] == SCHEMA


def test_each_linter_has_a_run() -> None:
    """Also one that found nothing; one that failed says so, and one that wasn't there has none."""
    runs = log(FINDINGS)["runs"]
    assert [run["tool"]["driver"]["name"] for run in runs] == ["ruff", "radon", "bandit"]
    assert [run["invocations"][0]["executionSuccessful"] for run in runs] == [True, False, True]
    assert runs[1]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "it crashed"
    assert [len(run["results"]) for run in runs] == [3, 1, 0]


def test_a_result_says_where_and_what() -> None:
    """Paths as URIs below the top; rules by their place in the list."""
    run = log(FINDINGS)["runs"][0]
    first, second, third = run["results"]
    assert first == {
        "ruleId": "F401",
        "ruleIndex": 1,
        "level": "warning",
        "message": {"text": "unused"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "a%20b/gr%C3%B6%C3%9Fe.py", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 3, "startColumn": 5},
                }
            }
        ],
        "partialFingerprints": {"tocsinFingerprint/v1": "f1"},
    }
    assert "region" not in second["locations"][0]["physicalLocation"]
    assert third["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    assert run["tool"]["driver"]["rules"][third["ruleIndex"]] == {"id": "F401"}
