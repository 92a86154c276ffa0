"""Plug-ins."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from integrations.rag_trainer.handlers.handler import NoHandler, plugged_in


def install(folder: Path, target: str) -> None:
    """What pip would have put there for a package with an entry point."""
    (folder / "rag_plugin_of_test.py").write_text(
        "class Letters:\n    name = 'letters'\n    types = ('letter',)\n"
        "    def items(self, draft):\n        return []\n",
        encoding="utf-8",
    )
    meta = folder / "rag_plugin_of_test-1.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: rag-plugin-of-test\nVersion: 1\n", encoding="utf-8")
    (meta / "entry_points.txt").write_text(f"[tocsin.rag_handlers]\nletters = {target}\n", encoding="utf-8")


def test_an_installed_package_brings_its_handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by its entry point alone."""
    install(tmp_path, "rag_plugin_of_test:Letters")
    monkeypatch.syspath_prepend(tmp_path)
    assert [handler.name for handler in plugged_in()] == ["letters"]
    monkeypatch.delitem(sys.modules, "rag_plugin_of_test", raising=False)


@pytest.mark.parametrize("target", ["rag_plugin_of_test:Nothing", "no_such_module:X", "builtins:dict"])
def test_a_plug_in_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """With what it should have been."""
    install(tmp_path, target)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(NoHandler, match=f"the plug-in letters \\({target}\\)"):
        plugged_in()
    monkeypatch.delitem(sys.modules, "rag_plugin_of_test", raising=False)


def test_no_plug_ins() -> None:
    """None is fine."""
    assert plugged_in("tocsin.no_such_group") == ()
