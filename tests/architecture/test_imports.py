"""How modules import each other. Who may import whom stands in pyproject.toml, as contracts that `make check` holds."""

from __future__ import annotations

import ast
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.architecture.tree import PRODUCT_PACKAGES, ROOT, Module, modules


def _import_alone(module: Module) -> str:
    command = [sys.executable, "-W", "error", "-c", f"import {module.name}"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return "" if result.returncode == 0 else f"{module.name}: {result.stderr.strip().splitlines()[-1]}"


@pytest.mark.timeout(300)
def test_every_module_imports_alone_and_without_warnings() -> None:
    """No module relies on another one having been imported before it, and importing has no cycle to trip over."""
    importable = [module for module in modules() if module.path.name != "__main__.py"]
    with ThreadPoolExecutor(4) as pool:
        failures = [failure for failure in pool.map(_import_alone, importable) if failure]
    assert failures == []


def _imports_inside_functions(module: Module) -> set[str]:
    functions = [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {
        f"{module.file}:{node.lineno}"
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }


def test_no_import_hides_in_a_function() -> None:
    """A late import eases a cycle; the cure is another direction of imports."""
    assert set().union(*map(_imports_inside_functions, modules(PRODUCT_PACKAGES))) == set()
