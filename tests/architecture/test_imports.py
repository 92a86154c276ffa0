"""How modules import each other. Who may import whom stands in pyproject.toml, as contracts that `make check` holds."""

from __future__ import annotations

import ast
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.architecture.tree import PRODUCT_PACKAGES, ROOT, Module, modules

_IMPORT_FOLDERS = """
import gc, importlib, os, sys, warnings
gc.disable()  # everything stays until a process ends, so there is nothing to look for
libraries = "aiohttp aiohttp_cors jsonschema_rs orjson prometheus_client psutil pydantic structlog websockets yaml"
libraries += " alembic.command argon2 pgvector.sqlalchemy sqlalchemy.ext.asyncio strawberry"
libraries += " asyncpg faiss lxml.etree neo4j numpy onnxruntime openai openpyxl pypdf qdrant_client rich tokenizers"
for library in libraries.split():
    importlib.import_module(library)
warnings.simplefilter("error")
for folder in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        for name in folder.split():
            try:
                importlib.import_module(name)
            except BaseException as error:
                print(f"{name}: {error!r}", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
"""The modules of each folder in a process of its own, forked from one that knows the libraries and nothing of ours."""


def _import_folders(folders: list[str]) -> list[str]:
    command = [sys.executable, "-c", _IMPORT_FOLDERS, *folders]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@pytest.mark.timeout(300)
def test_every_folder_imports_alone_and_without_warnings() -> None:
    """No folder relies on another one having been imported before it. That no module of it does follows from the
    contract that there are no cycles: one process for each module would take minutes."""
    folders: dict[Path, list[str]] = {}
    for module in modules():
        if module.path.name != "__main__.py":
            folders.setdefault(module.path.parent, []).append(module.name)
    names = [" ".join(sorted(inside, reverse=True)) for inside in folders.values()]
    with ThreadPoolExecutor(2) as pool:
        failures = [line for lines in pool.map(_import_folders, (names[::2], names[1::2])) for line in lines]
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
