"""Identities of calls and errors, on two levels, and readable ids.

The exact level compares stable parameters as they are: precision comes first, so 17.0 and 17.2 differ, and so do
`Debug` and `debug`. The family level compares what is left of an error when everything variable is taken out of it.
"""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from integrations.error_firewall.model import Fingerprints
from integrations.error_firewall.normalise import normalise

ALGORITHM: Final = 1
"""Raised with any change that gives an old call a new fingerprint. Records of another algorithm never match exactly."""

TOP_FRAMES: Final = 3
"""Frames of the program's own code that make a family."""

VOLATILE: Final = frozenset(
    {
        "attempt", "build_number", "connection_id", "correlation_id", "elapsed", "job_id", "nonce", "now", "pid",
        "request_id", "run_id", "session_id", "span_id", "thread_id", "time", "timestamp", "trace_id", "traceparent",
    }
)  # fmt: skip
"""Names of parameters that differ with every call and mean nothing for whether it fails."""

_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
_LIBRARIES: Final = (
    "/site-packages/",
    "/dist-packages/",
    "/lib/python",
    "<frozen",
    "<string>",
    Path(__file__).parent.as_posix() + "/",  # guards stand in every stack that they guard
)


def _digest(value: Any) -> str:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def stable(params: Mapping[str, Any], volatile: frozenset[str] = VOLATILE) -> dict[str, Any]:
    """Return the parameters that count, of those that were kept (`redaction.keep`)."""
    return {name: value for name, value in params.items() if name.casefold() not in volatile}


def call_fingerprint(operation: str, params: Mapping[str, Any]) -> str:
    """Identify a call by its operation and its stable parameters. Order doesn't matter; anything else does."""
    return _digest([ALGORITHM, operation, params])


def fingerprints(
    operation: str, params: Mapping[str, Any], error_type: str, message: str, frames: tuple[str, ...]
) -> Fingerprints:
    """Identify an error on both levels."""
    call = call_fingerprint(operation, params)
    family = _digest([ALGORITHM, error_type, normalise(message), frames[:TOP_FRAMES]])
    return Fingerprints(call, _digest([call, error_type]), family, ALGORITHM)


def slug(text: str, longest: int = 40) -> str:
    """Make a readable part of an id: `ios_build` → `ios-build`."""
    return _NOT_WORD.sub("-", text[:200].casefold()).strip("-")[:longest].rstrip("-") or "x"


def record_id(operation: str, error_type: str, exact: str) -> str:
    """Name a record: `ios-build-devicenotfound-7c1d4e9a01`. Equal errors get equal ids, in every process."""
    return f"{slug(operation)}-{slug(error_type.rpartition('.')[2])}-{exact[:10]}"


def rule_id(operation: str, content: Any) -> str:
    """Name a rule: `rule-ios-build-0b12aa34c5`. Equal rules get equal ids."""
    return f"rule-{slug(operation)}-{_digest([ALGORITHM, operation, content])[:10]}"


def in_app(filename: str) -> bool:
    """Tell whether a file belongs to the program and not to a library, as far as its path shows."""
    path = filename.replace("\\", "/")
    return not any(part in path for part in _LIBRARIES)


def frames_of(error: BaseException, is_own: Callable[[str], bool] = in_app, most: int = TOP_FRAMES) -> tuple[str, ...]:
    """Name the innermost frames of the program's own code, `file:function`, innermost first.

    Without line numbers, which move with every change, and without folders, which differ by machine.
    """
    frames: list[str] = []
    for frame, _ in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if is_own(code.co_filename):
            frames.append(f"{code.co_filename.replace(chr(92), '/').rpartition('/')[2]}:{code.co_name}")
    return tuple(frames[: -most - 1 : -1])
