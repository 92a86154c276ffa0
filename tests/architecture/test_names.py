"""Names and words that have no place in the tree."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, modules

_NAMELESS = {"common", "helper", "helpers", "misc", "util", "utils"}
_UNFINISHED = re.compile(rf"\b({'TO' + 'DO'}|{'FIX' + 'ME'}|{'X' * 3})\b")
_BINARY = {".gif", ".gz", ".ico", ".jpg", ".pdf", ".png", ".so", ".woff2"}
_NOT_OURS = {"node_modules", "__pycache__", "build", "dist"}
_BUILT = {ROOT / "hub" / "admin"}
_LOCKS = {"package-lock.json"}


def _texts() -> Iterator[Path]:
    """Every text file that people write here: nothing hidden (but .ci), installed, built or locked."""
    for folder, names, files in os.walk(ROOT):
        ours = (name for name in names if name not in _NOT_OURS and Path(folder, name) not in _BUILT)
        names[:] = [name for name in ours if name == ".ci" or not name.startswith(".")]
        paths = (Path(folder, file) for file in files if file not in _LOCKS)
        yield from (path for path in paths if path.suffix not in _BINARY and not path.name.startswith("."))


def test_every_module_is_named_for_a_noun() -> None:
    """A module called utils collects what has no home; name the noun, or keep the function where it is used."""
    assert [module.file for module in modules() if module.path.stem in _NAMELESS] == []


def test_nothing_is_marked_as_unfinished() -> None:
    """What is left to do is an issue or a decision record, where somebody looks for it."""
    marked = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _texts()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if _UNFINISHED.search(line)
    ]
    assert marked == []
