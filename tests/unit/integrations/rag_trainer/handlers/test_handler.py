"""Plug-ins."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from integrations.rag_trainer.handlers.handler import NoHandler, plugged_in
from integrations.rag_trainer.stages.processing import TypeProcessing
from tests.rag_works import draft_of


def install(folder: Path, target: str) -> None:
    """What pip would have put there for a package with an entry point."""
    (folder / "rag_plugin_of_test.py").write_text(
        "from integrations.rag_trainer.results import Item, Text\n"
        "class Letters:\n    name = 'letters'\n    types = ('letter', 'telegram')\n"
        "    def items(self, draft):\n        text = draft[Text].text[:4]\n"
        "        return [Item(kind='greeting', text=text, start=0, end=4)]\n",
        encoding="utf-8",
    )
    meta = folder / "rag_plugin_of_test-1.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: rag-plugin-of-test\nVersion: 1\n", encoding="utf-8")
    (meta / "entry_points.txt").write_text(f"[tocsin.rag_handlers]\nletters = {target}\n", encoding="utf-8")


def test_an_installed_package_brings_its_handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by its entry point alone; it handles a type that nothing else knows."""
    install(tmp_path, "rag_plugin_of_test:Letters")
    monkeypatch.syspath_prepend(tmp_path)
    assert [handler.name for handler in plugged_in()] == ["letters"]
    found = TypeProcessing(plugged_in()).run(draft_of("Dear Anna", type="telegram"))
    assert (found.log, found.items[0].text) == ("letters: 1 greeting", "Dear")
    assert TypeProcessing().run(draft_of("Dear Anna", type="telegram")).handler == "generic"
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
