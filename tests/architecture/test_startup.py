"""What a hub loads before it knows its configuration."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

from tests.architecture.tree import ROOT

_HEAVY: Final = ("alembic", "argon2", "numpy", "openai", "pgvector", "qdrant_client", "sqlalchemy", "strawberry")
"""Libraries that take a tenth of a second or more, each for one part that a configuration may ask for."""


def _loaded_with(module: str) -> set[str]:
    program = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_only_what_is_configured_is_loaded() -> None:
    """Every worker and every command that serves waits for its imports."""
    loaded = _loaded_with("hub.server")
    assert [library for library in _HEAVY if library in loaded] == []


def test_who_supervises_loads_no_server() -> None:
    """What is two thirds of a hub's start."""
    loaded = _loaded_with("hub.cli.serve")
    assert [module for module in ("aiohttp", "hub.server", *_HEAVY) if module in loaded] == []
