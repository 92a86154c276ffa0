"""Write the generated files of the repository: `python -m hub.docs`, or `make docs`.

With `--check` nothing is written; the names of files that are not up to date are, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from hub.asyncapi import asyncapi_json
from hub.configuration.reference import config_yaml, configuration_page
from hub.http.api.my.graph.schema import schema_text
from hub.http.openapi import openapi_json

ROOT = Path(__file__).parents[1]

PAGES: dict[str, Callable[[], str]] = {
    "config.yaml": config_yaml,
    "docs/asyncapi.json": asyncapi_json,
    "docs/configuration.md": configuration_page,
    "docs/openapi.json": openapi_json,
    "docs/schema.graphql": schema_text,
}
"""Each generated file, and what writes its text."""


def outdated(root: Path = ROOT) -> list[str]:
    """Return the files under `root` that are not what they would be if written now."""
    return [name for name, text in PAGES.items() if _read(root / name) != text()]


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write or check; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hub.docs", description="Write the generated files.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not up to date")
    check = parser.parse_args(arguments).check
    files = outdated(root)
    for name in files:
        if not check:
            (root / name).write_text(PAGES[name](), encoding="utf-8", newline="\n")
        sys.stdout.write(f"{name}: {'is not up to date; run make docs' if check else 'written'}\n")
    return 1 if check and files else 0


def _read(path: Path) -> str | None:
    return path.read_bytes().decode() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
