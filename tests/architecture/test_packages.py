"""The checks of pyproject.toml see every package there is."""

from __future__ import annotations

import tomllib

from tests.architecture.tree import ROOT, SOURCE_PACKAGES

_TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
_CLIENT = ("tocsin_client", "clients/python/src")
"""The one package that is installed alone: its name, and where it is."""
_PRESENT = {package for package in SOURCE_PACKAGES if (ROOT / package / "__init__.py").exists()}


def test_no_package_is_outside_the_source_packages() -> None:
    """A new top-level package joins `SOURCE_PACKAGES`, and with it every rule here."""
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found - set(SOURCE_PACKAGES) == set()


def test_the_contracts_see_every_package() -> None:
    """import-linter's root packages are the packages that are there."""
    assert set(_TOOLS["importlinter"]["root_packages"]) == _PRESENT | {_CLIENT[0]}


def test_the_type_checker_sees_every_package() -> None:
    """Mypy's files are the packages that are there, the tests and the scripts."""
    assert set(_TOOLS["mypy"]["files"]) == _PRESENT | {_CLIENT[1], "tests", "scripts"}
