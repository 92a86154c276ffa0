"""Version constraints on whatever calls itself a version: `17.0`, `v1.2`, `iOS 17.0`, `1.2.3-rc.1+build`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

LONGEST: Final = 100
"""Characters of a version; what is longer is none."""

_LOOSE: Final = re.compile(r"(?:[a-z][a-z _/-]{0,40})?v?(\d{1,9}(?:\.\d{1,9}){0,7})(?:[-+ ._(]?(.*))?", re.IGNORECASE)
_PRE: Final = re.compile(r"(alpha|beta|a|b|rc|pre|preview|dev|snapshot|canary|nightly)[.-]?(\d{0,9})", re.IGNORECASE)
_LETTER: Final = {"alpha": "a", "a": "a", "beta": "b", "b": "b", "rc": "rc", "pre": "rc", "preview": "rc"}


class InvalidConstraint(ValueError):
    """A version constraint can't be read."""


@lru_cache(maxsize=4_096)
def parse_version(text: str) -> Version | None:
    """Read a version; `None` for what is none.

    What PEP 440 doesn't know is read loosely: a name before it (`iOS`, `v`) is skipped, `-rc.1` is a pre-release, and
    other additions (`+build`, `(21A5)`, `-ubuntu1`) don't count.
    """
    text = text.strip()
    if len(text) > LONGEST:
        return None
    try:
        return Version(text)
    except InvalidVersion:
        pass
    loose = _LOOSE.fullmatch(text)
    if loose is None:
        return None
    release, rest = loose.group(1), loose.group(2) or ""
    pre = _PRE.match(rest)
    if pre is None:
        return Version(release)
    letter = _LETTER.get(pre.group(1).casefold(), ".dev")
    return Version(f"{release}{letter}{pre.group(2) or 0}")


@lru_cache(maxsize=4_096)
def parse_constraint(text: str) -> SpecifierSet:
    """Read a constraint such as `>=17,<17.2` or `==17.0.*`; a bare version means exactly that one.

    Raises:
        InvalidConstraint: naming what was expected and what came.
    """
    text = text.strip()
    if len(text) <= LONGEST and text:
        try:
            return SpecifierSet(text if text[0] in "=!<>~" else f"=={text}")
        except InvalidSpecifier:
            pass
    raise InvalidConstraint(f"expected a version constraint such as '>=17,<17.2' or '17.0'; came {text[:80]!r}")


def satisfies(version: str | float, constraint: str) -> bool:
    """Tell whether a version fulfils a constraint, as PEP 440 has it: `<1.2` excludes `1.2rc1`."""
    parsed = parse_version(str(version))
    return parsed is not None and parse_constraint(constraint).contains(parsed, prereleases=True)
