"""What a hub loads before it knows its configuration."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

from tests.architecture.tree import ROOT

_HEAVY: Final = ("alembic", "argon2", "openai", "pgvector", "qdrant_client", "sqlalchemy", "strawberry")
"""Libraries that take a tenth of a second or more, each for one part that a configuration may ask for."""


def test_only_what_is_configured_is_loaded() -> None:
    """Every worker and every command that serves waits for its imports."""
    program = "import json, sys, hub.server; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert [library for library in _HEAVY if library in loaded] == []
