"""Files and classes stay small enough to be read in one sitting."""

from __future__ import annotations

import ast

from tests.architecture.tree import Module, modules

MOST_LINES = 300
MOST_PUBLIC_METHODS = 12


def test_no_source_file_is_long() -> None:
    """A file over 300 lines holds more than one noun."""
    lengths = {module.file: len(module.text.splitlines()) for module in modules()}
    assert {file: lines for file, lines in lengths.items() if lines > MOST_LINES} == {}


def _wide_classes(module: Module) -> dict[str, int]:
    widths = {
        f"{module.file}: {node.name}": len(_public_methods(node))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }
    return {name: width for name, width in widths.items() if width > MOST_PUBLIC_METHODS}


def _public_methods(node: ast.ClassDef) -> set[str]:
    """Names, so overloads and setters count once; properties are data and don't count."""
    return {
        method.name
        for method in node.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
        and not method.name.startswith("_")
        and not any("property" in ast.unparse(decorator) for decorator in method.decorator_list)
    }


def test_no_class_is_wide() -> None:
    """A class with more than 12 public methods does more than one job."""
    wide: dict[str, int] = {}
    for module in modules():
        wide |= _wide_classes(module)
    assert wide == {}
