"""The load generator (`c/loadgen.c`), driven over its standard input and output."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.processes import Failed, pinned

OPEN_SECONDS = 70.0
GRACE_SECONDS = 10.0
_Result = TypeVar("_Result", "Opened", "Run")


@dataclass(frozen=True, slots=True)
class Client:
    """How a client of one peer connects, subscribes and publishes.

    `skip` is the number of frames that come before a client is subscribed. The message goes between `prefix` and
    `suffix`. `lines` says that a frame may hold several publications, one a line. What is shorter than `min_frame`
    bytes is never a publication.
    """

    path: str = "/ws"
    hellos: tuple[str, ...] = ()
    skip: int = 0
    publish_path: str = "/publish"
    prefix: str = '{"type":"bench","channel":"ai_analysis","data":'
    suffix: str = ',"timestamp":"2026-01-01T00:00:00.000000Z","epoch":"bench0","offset":1}'
    headers: tuple[str, ...] = ()
    lines: bool = False
    min_frame: int = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """What `open` did: connections that became subscribed, in how many seconds, and the generator's own CPU seconds."""

    opened: int
    ready: int
    closed: int
    seconds: float
    cpu: float
    error: str


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of messages gave. Delays are in microseconds; `cpu` is the generator's own, in seconds."""

    messages: int
    delivered: int
    expected: int
    seconds: float
    answered: int
    publish_failed: int
    incomplete: int
    bad_samples: int
    closed: int
    stray: int
    stuck_cut: int
    samples: int
    p50_us: int
    p99_us: int
    max_us: int
    frame_bytes: float
    cpu: float
    error: str

    @property
    def fault(self) -> str:
        """What is wrong with the run, or an empty string: every subscriber got every message once."""
        if self.delivered != self.expected or self.incomplete:
            return f"delivered {self.delivered} of {self.expected}" + (f" ({self.error})" if self.error else "")
        if self.bad_samples:
            return f"{self.bad_samples} sampled connections missed a message or got one twice"
        if self.publish_failed:
            return f"{self.publish_failed} publishes failed ({self.error})"
        return ""


class LoadGenerator:
    """One process of `loadgen`; its connections stay open between runs, until `close`."""

    def __init__(
        self,
        binary: Path,
        client: Client,
        ports: tuple[int, int],
        core: int,
        *,
        stuck: int = 0,
        room: int = 10000,
        eager: bool = False,
    ) -> None:
        argv = [str(binary), "--port", str(ports[0]), "--publish-port", str(ports[1])]
        argv += ["--path", client.path, "--publish-path", client.publish_path, "--skip", str(client.skip)]
        argv += ["--prefix", client.prefix, "--suffix", client.suffix, "--room", str(room), "--stuck", str(stuck)]
        argv += ["--header", "".join(f"{line}\r\n" for line in client.headers)]
        argv += ["--lines", str(int(client.lines)), "--min-frame", str(client.min_frame), "--eager", str(int(eager))]
        for hello in client.hellos:
            argv += ["--hello", hello]
        with pinned(core):
            self._process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )

    def open(self, total: int) -> Opened:
        """Have `total` connections open and subscribed."""
        return self._ask(f"open {total}", OPEN_SECONDS, Opened)

    def run(self, messages: int, in_flight: int, rate: float, pad: int, timeout: float) -> Run:
        """Publish and count. `rate`: messages per second, 0 for as fast as `in_flight` allows; `timeout`: seconds."""
        return self._ask(f"run {messages} {in_flight} {rate} {pad} {timeout}", timeout + GRACE_SECONDS, Run)

    def close(self) -> None:
        """Drop all connections at once."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, line: str, seconds: float, kind: type[_Result]) -> _Result:
        answer = self._exchange(line, seconds)
        return kind(**{field.name: answer[field.name] for field in fields(kind)})

    def _exchange(self, line: str, seconds: float) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        deadline, answer = time.monotonic() + seconds, b""
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"the load generator ended{self._complaint()}") from None
        while not answer.endswith(b"\n"):
            readable, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                raise Failed(f"the load generator gave no answer within {seconds:.0f} s")
            part = os.read(self._process.stdout.fileno(), 65536)
            if not part:
                raise Failed(f"the load generator ended{self._complaint()}")
            answer += part
        return json.loads(answer)

    def _complaint(self) -> str:
        assert self._process.stderr is not None
        text = self._process.stderr.read(500).decode(errors="replace").strip()
        return f": {text}" if text else ""
