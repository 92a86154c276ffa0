"""The fixture, as somebody's tests use it, and what becomes of a hub that doesn't start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tocsin_client
from tocsin_client.pytest_plugin import HubProcess

TESTS = """
from tocsin_client import connect, notify_channel

def test_notifications(tocsin_hub):
    assert notify_channel("system_alerts", "alert", {"n": 1})
    assert [(m.type, m.data) for m in tocsin_hub.messages("system_alerts")] == [("alert", {"n": 1})]
    tocsin_hub.publish("system_alerts", "alert", {"n": 2})
    assert len(tocsin_hub.wait_for("system_alerts", 2)) == 2

async def test_nothing_is_left_of_another_test(tocsin_hub):
    assert tocsin_hub.messages("system_alerts") == []
    async with connect(tocsin_hub.url) as hub, hub.subscribe("system_alerts") as alerts:
        tocsin_hub.publish("system_alerts", "alert", 3)
        async for message in alerts:
            assert message.data == 3
            break
"""
OPTIONS = "[pytest]\nasyncio_mode = auto\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n"


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run tests as their author does."""
    (folder / "test_service.py").write_text(TESTS)
    (folder / "pytest.ini").write_text(OPTIONS)
    environment = {**os.environ, "PYTHONPATH": str(Path(tocsin_client.__file__).parents[1])}
    # Named here and not found by itself, so that it makes no difference whether the client is installed.
    plugins = ["-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin", "-p", "tocsin_client.pytest_plugin"]
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", *plugins]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=50, check=False)


def test_a_real_hub(tmp_path: Path) -> None:
    """Each test has its own, and no process is left."""
    result = run(tmp_path)
    assert "2 passed" in result.stdout, result.stdout


def test_without_a_hub_it_says_what_to_install(tmp_path: Path) -> None:
    """In one line."""
    (tmp_path / "conftest.py").write_text(
        "import importlib.metadata as m\ndef nothing(name): raise m.PackageNotFoundError(name)\nm.version = nothing\n"
    )
    result = run(tmp_path)
    assert "pip install 'tocsin-client[testing]'" in result.stdout
    assert "2 errors" in result.stdout


def test_a_hub_that_does_not_start(tmp_path: Path) -> None:
    """Its last words are in the error."""
    config = tmp_path / "config.yaml"
    config.write_text("servre: {}")
    with pytest.raises(RuntimeError, match="servre"):
        HubProcess(tmp_path, str(config))
