"""Examples of `channels.messages.firewall`, with every field."""

from __future__ import annotations

from typing import Any

_FOUND: dict[str, Any] = {
    "error_id": "ios-build-devicenotfound-7c1d4e9a",
    "error_scene": "ios_build",
    "error_type": "DeviceNotFound",
    "solution": "iPhone 15 Pro, 17.2",
    "confidence": 0.75,
    "operation": "ios_build",
    "why": "The same call failed 3 times with DeviceNotFound.",
    "match": "exact",
    "score": 1.0,
    "rule_id": "rule-ios-build-0b12aa34",
    "check_id": "check-0f12",
    "stage": "confirmed",
    "successes": 2,
    "failures": 0,
    "occurrences": 3,
}
_CHECKED: dict[str, Any] = {**_FOUND, "ms": 0.041, "degraded": False, "dry_run": False}
_NOTHING: dict[str, Any] = dict.fromkeys(_FOUND, None)

EXAMPLES: dict[str, dict[str, Any]] = {
    "error_recorded": {**_FOUND, "status": "recorded", "message": "Unable to find a device", "count": 1},
    "error_warned": {**_CHECKED, "status": "warned", "match": "similar", "score": 0.91, "dry_run": True},
    "error_blocked": {**_CHECKED, "status": "blocked"},
    "error_passed": {
        **_NOTHING,
        "error_scene": "ios_build",
        "operation": "ios_build",
        "why": "Nothing is known against it.",
        "check_id": "check-0f13",
        "status": "passed",
        "ms": 0.02,
        "degraded": True,
        "dry_run": False,
        "count": 41,
    },
    "error_overridden": {**_CHECKED, "status": "overridden", "actor": "alice", "reason": "the device is there now"},
    "solution_confirmed": {**_FOUND, "status": "confirmed", "actor": "alice", "reason": "checked by hand"},
}
