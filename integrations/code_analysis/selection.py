"""Which files of a repository an analysis looks at, and why it leaves out the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from integrations.code_analysis.git import Entry
from integrations.code_analysis.linter import Linter

OVER_COUNT: Final = "more files than analysis.max_files"
OVER_SIZE: Final = "larger than analysis.max_file_bytes"
BINARY: Final = "binary"
CHANGED: Final = "changed while it was analysed"
_NO_LINTER: Final = "no linter for it"


@dataclass(slots=True)
class Selection:
    """What is looked at.

    Attributes:
        files: in the order of their paths.
        skipped: the others, counted by the reason.
    """

    files: list[Entry] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def select(entries: Iterable[Entry], linters: Sequence[Linter], *, largest: int, most: int) -> Selection:
    """Choose files.

    Args:
        largest: bytes of one file.
        most: files.
    """
    selection = Selection()
    for entry in sorted(entries, key=lambda entry: entry.path):
        reason = _reason(entry, linters, largest)
        if reason is None and len(selection.files) >= most:
            reason = OVER_COUNT
        if reason is None:
            selection.files.append(entry)
        else:
            selection.skipped[reason] += 1
    return selection


def differing(entries: Sequence[Entry], others: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return what is in one list and not, or with another content, in the other; and the other way round."""
    these, those = ({(entry.path, entry.blob) for entry in side} for side in (entries, others))
    return (
        [entry for entry in entries if (entry.path, entry.blob) not in those],
        [entry for entry in others if (entry.path, entry.blob) not in these],
    )


def is_binary(content: bytes) -> bool:
    """Tell as Git does: a NUL near the beginning."""
    return b"\0" in content[:8000]


def _reason(entry: Entry, linters: Sequence[Linter], largest: int) -> str | None:
    if entry.kind != "file":
        return entry.kind
    if not any(linter.takes(entry.path) for linter in linters):
        return _NO_LINTER
    return OVER_SIZE if entry.size > largest else None
