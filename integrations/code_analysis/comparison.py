"""What is new, fixed and unchanged between two runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.code_analysis.store import Run


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a run differs from another.

    Attributes:
        commit: the other run's.
        not_compared: linters that didn't finish in both, or had another version or other settings: what they say now
            and didn't say then tells nothing about the code.
    """

    commit: str
    new: int
    fixed: int
    unchanged: int
    not_compared: tuple[str, ...] = ()


class Before:
    """The findings of an earlier run, to ask whether one is new.

    Args:
        current: version (with settings) by name of the linters that run now.
    """

    def __init__(self, run: Run, current: Mapping[str, str]) -> None:
        self.commit = run.commit
        self._current = current
        self._marks = {
            name: frozenset(marks)
            for name, marks in run.fingerprints.items()
            if name in current and run.linters.get(name) == current[name]
        }

    def has(self, linter: str, fingerprint: str) -> bool | None:
        """Tell whether it was there; `None` where that can't be compared."""
        marks = self._marks.get(linter)
        return None if marks is None else fingerprint in marks

    def compare(self, found: Mapping[str, Sequence[str]]) -> Comparison:
        """Compare with what was found now, by linter; only linters that finished are in it."""
        common = [name for name in self._marks if name in found]
        now = {name: frozenset(found[name]) for name in common}
        return Comparison(
            self.commit,
            sum(len(now[name] - self._marks[name]) for name in common),
            sum(len(self._marks[name] - now[name]) for name in common),
            sum(len(now[name] & self._marks[name]) for name in common),
            tuple(sorted(self._current.keys() - set(common))),
        )
