"""The checks of pyproject.toml see every package there is, and a wheel holds what they serve."""

from __future__ import annotations

import tomllib
from glob import glob
from pathlib import Path

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


def test_a_wheel_holds_the_pages(tmp_path: Path) -> None:
    """The console, and what `make admin` builds, however deep."""
    built = {"admin/index.html", "admin/assets/index-a1.js", "admin/assets/more/font.woff2", "console/index.html"}
    for name in built:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    patterns = _TOOLS["setuptools"]["package-data"]["hub"]
    packed = {
        name for pattern in patterns for name in glob(pattern, root_dir=tmp_path, recursive=True)
    }  # as setuptools
    assert built - packed == set()
