"""What a linter is: the seam behind which each tool hides its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from integrations.code_analysis.finding import Finding


class LinterAbsent(Exception):
    """The linter is not on this machine; the message says what is missing."""


class LinterFailed(Exception):
    """The linter crashed, took too long, or said what nobody can read; the message says which."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that lies ready to be read.

    Attributes:
        path: from the repository's top, as findings name it (`finding.shown`).
        location: where its content is; an absolute path that any tool can take.
    """

    path: str
    location: Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where linters work.

    Attributes:
        cwd: an empty folder, or the repository's tree when its own configuration is asked for.
        own: use the repository's own configuration, which lies in `cwd`.
    """

    cwd: Path
    own: bool = False


class Linter(Protocol):
    """A tool that reads files and complains.

    Guarantees: it runs nothing of what it reads, sees no other file than those it is given (and the repository's
    configuration where that is asked for), and what it says of a file depends on nothing else. So it can be kept.
    """

    @property
    def name(self) -> str:
        """The linter, in messages and options."""

    @property
    def settings(self) -> str:
        """What else decides about its findings, beside its version; another text makes kept results stale."""

    async def version(self) -> str:
        """Ask the tool itself.

        Raises:
            LinterAbsent: it isn't there.
            LinterFailed: it doesn't say.
        """

    def takes(self, path: str) -> bool:
        """Tell by its path whether the linter reads such a file."""

    async def run(self, files: Sequence[Exported], place: Place) -> list[Finding]:
        """Read files that it takes; return what it found in all of them.

        Raises:
            LinterFailed: there is no result for any of them.
        """
