"""The source tree, as the architecture tests see it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT_PACKAGES = ("agents", "channels", "hub", "integrations")
"""What ships and serves. A package that isn't there yet has no modules."""
SOURCE_PACKAGES = (*PRODUCT_PACKAGES, "benchmarks")
CLIENT = ROOT / "clients" / "python" / "src"
"""Where the package `tocsin_client` is, which is installed alone and lives by the same rules."""
CLIENT_PACKAGE = "clients/python/src/tocsin_client"
PEERS = ROOT / "benchmarks" / "peers"
"""Programs that the benchmarks run in an environment of their own: nothing here can import or type them as a whole."""


@dataclass(frozen=True)
class Module:
    """One Python file of a source package."""

    path: Path

    @property
    def name(self) -> str:
        """The dotted name that imports it."""
        root = CLIENT if self.path.is_relative_to(CLIENT) else ROOT
        parts = self.path.relative_to(root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def file(self) -> str:
        """The path from the root, for messages."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """The source."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The source, parsed."""
        return ast.parse(self.text, filename=self.file)


def modules(packages: tuple[str, ...] = (*SOURCE_PACKAGES, CLIENT_PACKAGE)) -> Iterator[Module]:
    """The modules of `packages` in the order of their paths, without the peers."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if PEERS not in path.parents and "node_modules" not in path.parts:
                yield Module(path)
