"""All linters by their names."""

from __future__ import annotations

import pytest

from integrations.code_analysis.linter import LinterAbsent
from integrations.code_analysis.linters.catalog import LINTERS, make_linters
from integrations.code_analysis.process import Bounds


def test_linters_come_in_their_own_order() -> None:
    """Whatever the configuration's is; each once."""
    names = [linter.name for linter in make_linters(["syntax", "ruff", "ruff"], Bounds())]
    assert names == ["ruff", "syntax"]


def test_an_unknown_name_is_told() -> None:
    """With those there are."""
    with pytest.raises(ValueError, match=r"expected linters out of ruff, .*; came eslint"):
        make_linters(["ruff", "eslint"], Bounds())


async def test_real_ones_say_their_versions() -> None:
    """Those that the hub itself brings along; and the others say that they are absent."""
    for linter in make_linters(["ruff", "bandit", "radon", "syntax"], Bounds()):
        assert (await linter.version())[0].isdigit()
    for linter in make_linters(LINTERS, Bounds(), find=lambda _name: None):
        if linter.name != "syntax":
            with pytest.raises(LinterAbsent):
                await linter.version()
