"""The page on guarantees names the tests that prove them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.pages import page

_TEST = re.compile(r"`(test_[a-z_]+)`")
_WRITTEN = re.compile(r"^async def (test_[a-z_]+)", re.MULTILINE)
_TOOLS = {"test_fault_proxy.py"}


def test_the_page_names_every_scenario() -> None:
    """And none that isn't there any more."""
    files = [file for file in Path(__file__).parent.glob("test_*.py") if file.name not in _TOOLS]
    written = {name for file in files for name in _WRITTEN.findall(file.read_text(encoding="utf-8"))}
    assert set(_TEST.findall(page("docs/topics/guarantees.md").text)) == written
