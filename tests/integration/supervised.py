"""`tocsin serve --workers N` as a user runs it: real processes, their log, and none of them left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil
import yaml

from tests.architecture.tree import ROOT

PATIENCE = 30.0
"""Seconds that anything may take on a busy machine."""

QUIET: dict[str, dict[str, Any]] = {
    "server": {"port": 0, "drain": 0.2},
    "websocket": {"close_timeout": 0.5},
    "system_stats": {"interval": 0},
    "hub_stats": {"interval": 0},
    "alerts": {"interval": 0},
    "log": {"format": "json"},
}


class Supervised:
    """A running command.

    Attributes:
        lines: what it logged, workers included.
    """

    def __init__(self, process: subprocess.Popen[str], config: Path) -> None:
        self.process = process
        self.pid = process.pid
        self.lines: list[dict[str, Any]] = []
        self._config = config
        self._news = threading.Condition()
        self._seen: set[int] = set()
        self._reading = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reading.start()

    def _read(self, stream: IO[str]) -> None:
        for text in stream:
            with self._news:
                with suppress(json.JSONDecodeError):
                    self.lines.append(json.loads(text))
                self._news.notify_all()

    def line(self, text: str, after: int = 0, **fields: Any) -> dict[str, Any]:
        """Wait for a line that has `text` in its event, and these fields; look from the `after`th line on."""
        until = time.monotonic() + PATIENCE
        with self._news:
            while True:
                for each in self.lines[after:]:
                    if text in str(each.get("event")) and fields.items() <= each.items():
                        return each
                ended = not self._reading.is_alive()
                assert time.monotonic() < until, f"no line has {text!r} {fields}: {self.lines}"
                assert not ended, f"it ended without {text!r} {fields}: {self.lines}"
                self._news.wait(0.05)

    @property
    def url(self) -> str:
        """Where it listens, once it says so."""
        return str(self.line("listening on")["event"]).rpartition(" ")[2]

    def workers(self) -> dict[int, int]:
        """The process id of each worker that is alive, by its number."""
        found: dict[int, int] = {}
        for child in self._children():
            with suppress(psutil.Error):
                words = child.cmdline()
                if "--worker" in words and child.status() != psutil.STATUS_ZOMBIE:
                    found[int(words[words.index("--worker") + 1])] = child.pid
        return found

    def valkey(self) -> int:
        """The process id of the embedded Valkey that is there."""
        (pid,) = [child.pid for child in self._children() if child.name() == "valkey-server"]
        return pid

    def _children(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.pid).children()
            self._seen |= {child.pid for child in children}
            return children
        return []

    def signal(self, number: signal.Signals) -> int:
        """Send a signal; return the number of lines there were before."""
        before = len(self.lines)
        self.process.send_signal(number)
        return before

    def configure(self, options: Mapping[str, Any]) -> None:
        """Write the configuration file anew."""
        write(self._config, options)

    def end(self) -> None:
        """Leave no process behind."""
        self._children()
        self.process.kill()
        self.process.wait(PATIENCE)
        for pid in self._seen:
            # Those of a supervisor that was killed are nobody's children. An id may be somebody else's by now.
            with suppress(psutil.Error):
                child = psutil.Process(pid)
                words = child.cmdline()
                if str(self.pid) in words or str(self._config.parent / "valkey") in words:
                    child.kill()
        self._reading.join(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()


def write(file: Path, options: Mapping[str, Any]) -> None:
    """Write a configuration for tests: quiet, and with `options` laid over section by section."""
    sections = {name: {**QUIET.get(name, {}), **options.get(name, {})} for name in {*QUIET, *options}}
    fresh = file.with_suffix(".new")
    fresh.write_text(yaml.safe_dump(sections))
    fresh.replace(file)


@contextmanager
def supervised(
    folder: Path, workers: int = 2, variables: Mapping[str, str] | None = None, **options: Any
) -> Iterator[Supervised]:
    """Run it with a configuration file in `folder`, its Valkey in `folder/valkey`, until the block ends."""
    config = folder / "config.yaml"
    options["redis"] = {"embedded_dir": str(folder / "valkey"), **options.get("redis", {})}
    write(config, options)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "serve", "--config", str(config), "--workers", str(workers)],
        cwd=ROOT,
        env={**environment, **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Supervised(process, config)
    try:
        yield running
    finally:
        running.end()


def gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody has buried yet has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Wait for other processes, which signal nothing to the test."""
    until = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)
