"""Fixtures for every test: a clean environment, and the tools that not every machine has."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from tests.live import LiveHub, running, settings_for
from tests.needs import find_chromium, find_node, is_absent

_FOR_TESTS = {"TOCSIN_CHROMIUM", "TOCSIN_REQUIRE_ALL"}


def pytest_collection_finish() -> None:
    """Thousands of tests stay in memory until the end. Without them to walk through, the collector that runs again and
    again takes a quarter less of the processor."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own `TOCSIN_*` settings must not decide how tests end."""
    for name in [name for name in os.environ if name.startswith("TOCSIN_") and name not in _FOR_TESTS]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _logging_stays_as_it_was() -> Iterator[None]:
    """A test that sets logging up, by starting a command for instance, must not decide what the next one hears."""
    was_configured, was = structlog.is_configured(), structlog.get_config()
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    for handler in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(handler)
    if structlog.get_config() != was:
        if was_configured:
            structlog.configure(**was)
        else:
            structlog.reset_defaults()


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Chromium for Playwright's `executable_path`; without it the test skips, or fails where all is required."""
    return find_chromium() or is_absent("Chromium", "apt-get install chromium, or set TOCSIN_CHROMIUM to a Chrome")


@pytest.fixture(scope="session")
def node_path() -> Path:
    """Node, with the packages in `tests/node` installed; run scripts with that folder as working directory."""
    return find_node() or is_absent("Node with the packages of tests/node", "install Node and npm, then make test")


@pytest.fixture
async def hub() -> AsyncIterator[LiveHub]:
    """An open hub on a free loopback port. For other settings use `tests.live.running`."""
    async with running(settings_for()) as live:
        yield live
