"""Every source module has its own unit test file: `hub/outbox.py` has `tests/unit/hub/test_outbox.py`."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.tree import ROOT, modules

UNIT_TESTS = ROOT / "tests" / "unit"

TESTED_ELSEWHERE = {
    "agents/ports.py": "Protocols without behaviour: tests/contract runs one suite per port on every implementation",
    "channels/ports.py": "Protocols without behaviour: tests/contract runs one suite per port on every implementation",
    "integrations/error_firewall/ports.py": "Protocols without behaviour: tests/contract/test_firewall_store.py",
    "integrations/rag_trainer/ports.py": "Protocols without behaviour: tests/contract runs one suite per port",
}
"""Modules without a mirrored file, each with the place of its tests. An entry that is no longer needed fails."""

_PACKAGE_FILES = {"__init__.py", "__main__.py"}


def _mirror(file: str) -> Path:
    source = Path(file.replace("clients/python/src/", "clients/python/"))
    return UNIT_TESTS / source.parent / f"test_{source.name}"


def test_every_module_has_a_mirrored_test_file() -> None:
    """Who changes a module finds its specification by its name."""
    sources = {module.file for module in modules() if module.path.name not in _PACKAGE_FILES}
    missing = {file for file in sources if not _mirror(file).exists()}
    assert sorted(missing - set(TESTED_ELSEWHERE)) == []


def test_every_exception_is_needed() -> None:
    """An exception names a module that is there and has no mirrored test file."""
    stale = [file for file in TESTED_ELSEWHERE if not (ROOT / file).exists() or _mirror(file).exists()]
    assert stale == []
