"""A pytest plugin: the fixture `tocsin_hub` gives a test a real hub. Needs `tocsin-client[testing]`.

Each test that asks for it has a process of its own, so no test sees what another one published. What the code under
test notifies goes to that hub.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from tocsin_client.model import Message, Published
from tocsin_client.notify import configure, flush
from tocsin_client.publisher import Publisher
from tocsin_client.wire import message_of

START_TIMEOUT: Final = 30.0
STOP_TIMEOUT: Final = 10.0
"""Seconds, after which the hub is killed."""
REQUEST_TIMEOUT: Final = 10.0
_LISTENING: Final = re.compile(r"listening on (https?://[^\s\"]+)")
_OPTIONS: Final = {
    "TOCSIN_LOG__FORMAT": "json",
    "TOCSIN_LOG__LEVEL": "info",
    "TOCSIN_SERVER__DRAIN": "0",
    "TOCSIN_SYSTEM_STATS__INTERVAL": "0",
    "PYTHONUNBUFFERED": "1",
}


class HubProcess:
    """A hub as a process of its own, on a free port of the loopback interface.

    Attributes:
        url: such as `http://127.0.0.1:43127`.
    """

    def __init__(self, folder: Path, config: str | None = None) -> None:
        command = [sys.executable, "-m", "hub.cli", "serve", "--port", "0"]
        self._lines: deque[str] = deque(maxlen=50)
        self._listening = threading.Event()
        self.url = ""
        self._process = subprocess.Popen(  # noqa: S603 - the interpreter that runs this, and words of our own
            [*command, "--config", config] if config else command,
            cwd=folder,
            env={**{k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}, **_OPTIONS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # What it logs is read to its end, so that it never waits for anyone to read.
        self._reader = threading.Thread(target=self._read, name="hub's log", daemon=True)
        self._reader.start()
        if not self._listening.wait(START_TIMEOUT) or not self.url:
            self.stop()
            log = "\n".join(self._lines)
            raise RuntimeError(f"the hub didn't start within {START_TIMEOUT:g} s; its last lines are:\n{log}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line.rstrip())
            if not self.url and (match := _LISTENING.search(line)):
                self.url = match[1]
                self._listening.set()
        self._listening.set()

    def stop(self) -> None:
        """End it: politely first, and in any case."""
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(STOP_TIMEOUT)
        assert self._process.stdout is not None
        self._process.stdout.close()


class TocsinHub:
    """The hub that a test sees.

    Attributes:
        url: its address, for `connect` and others.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._publisher = Publisher(url)

    def publish(self, channel: str, type: str, data: Any = None) -> Published:
        """Publish, as somebody else would."""
        return self._publisher.publish(channel, type, data)

    def messages(self, channel: str) -> list[Message]:
        """Return what was published on a channel in this test, oldest first; what waits to be sent is sent before."""
        flush(REQUEST_TIMEOUT)
        answer = self._get(f"/api/channels/{quote(channel, safe='')}/history?limit=1000")
        return [message_of(fields) for fields in answer["publications"]]

    def wait_for(self, channel: str, count: int, timeout: float = 10.0) -> list[Message]:
        """Wait until at least `count` messages were published on a channel, and return all there are.

        Raises:
            AssertionError: they didn't come within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while len(found := self.messages(channel)) < count:
            if time.monotonic() >= deadline:
                raise AssertionError(f"expected {count} messages on {channel} in {timeout:g} s, got {found}")
            time.sleep(0.02)
        return found

    def _get(self, path: str) -> Any:
        request = urllib.request.Request(self.url + path)  # noqa: S310 - an address of our own
        with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT) as answer:  # noqa: S310
            return json.loads(answer.read())

    def close(self) -> None:
        """Close the connections to it."""
        self._publisher.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of pytest's configuration."""
    parser.addini("tocsin_config", "config.yaml of the hub that the fixture tocsin_hub starts")


@pytest.fixture
def tocsin_hub(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[TocsinHub]:
    """A real hub with nothing on its channels, which this process notifies until the test ends."""
    try:
        importlib.metadata.version("tocsin")
    except importlib.metadata.PackageNotFoundError:
        pytest.fail("the fixture tocsin_hub needs a hub: pip install 'tocsin-client[testing]'", pytrace=False)
    config = pytestconfig.getini("tocsin_config")
    process = HubProcess(tmp_path, str(pytestconfig.rootpath / config) if config else None)
    hub = TocsinHub(process.url)
    try:
        configure(hub.url)
        yield hub
        flush(REQUEST_TIMEOUT)
    finally:
        configure(None)
        hub.close()
        process.stop()
