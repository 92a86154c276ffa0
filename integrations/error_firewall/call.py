"""A call that is about to be made, or was made: an operation with what counts of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from integrations.error_firewall.fingerprints import VOLATILE, call_fingerprint, stable
from integrations.error_firewall.redaction import cut, has_marker, keep

LONGEST_OPERATION: Final = 200
"""Characters of an operation's name."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call, as JSON and without secrets.

    Attributes:
        params: stable parameters only.
        fingerprint: of operation and parameters.
        is_comparable: nothing was replaced by a marker, so that equal fingerprints mean equal calls.
    """

    operation: str
    params: Mapping[str, Any]
    context: Mapping[str, Any]
    fingerprint: str
    is_comparable: bool


def name_of(operation: str) -> str:
    """Return the name under which an operation is known: visible characters, bounded."""
    name = cut(operation, LONGEST_OPERATION) or "unnamed"
    return name if name.isprintable() else "".join(c if c.isprintable() else " " for c in name)


def make_call(
    operation: str,
    params: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    volatile: frozenset[str] = VOLATILE,
) -> Call:
    """Take a call for checking or recording. The mappings given are not kept and not changed."""
    operation = name_of(operation)
    kept = stable(keep(params), volatile) if params else {}
    fingerprint = call_fingerprint(operation, kept)
    return Call(operation, kept, keep(context) if context else {}, fingerprint, not has_marker(kept))
