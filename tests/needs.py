"""What some tests need beside Python packages: where to find it, and what its absence means."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

NODE_PROJECT = Path(__file__).parent / "node"
"""The npm project of the tests that drive the hub from Node; `package-lock.json` pins what it installs."""

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_CHROMIUM_PLACES = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)


def find_chromium() -> Path | None:
    """Chromium or Chrome: `$TOCSIN_CHROMIUM` if set, else from the path or the usual places."""
    if named := os.environ.get("TOCSIN_CHROMIUM"):
        return Path(named)
    for name in _CHROMIUM_NAMES:
        if found := shutil.which(name):
            return Path(found)
    return next((place for place in _CHROMIUM_PLACES if place.exists()), None)


def find_redis() -> Path | None:
    """Debian's Redis: a second dialect beside Valkey, and one that speaks TLS."""
    found = shutil.which("redis-server")
    return Path(found) if found else None


def find_node() -> Path | None:
    """Node, if it is there and the packages of `NODE_PROJECT` are installed."""
    found = shutil.which("node")
    return Path(found) if found and (NODE_PROJECT / "node_modules").is_dir() else None


def is_absent(tool: str, remedy: str) -> NoReturn:
    """Skip the test for want of `tool`, or fail it when `TOCSIN_REQUIRE_ALL=1` says that nothing may be absent."""
    reason = f"{tool} is absent: {remedy}"
    if os.environ.get("TOCSIN_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason} (TOCSIN_REQUIRE_ALL=1 allows no skips)", pytrace=False)
    pytest.skip(reason)
