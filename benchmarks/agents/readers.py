"""Many streams of chat sessions, read in a process of its own (`python -m benchmarks.agents.readers`).

One process reads all of them with as little of the processor as it can, so that the last one isn't late because of the
reader: a bare socket each, and nothing is parsed but the number of an event. It reads what to open as one line of JSON,
says `ready` when every stream has its snapshot, and at the end of its input tells when each event was read.
"""

from __future__ import annotations

import asyncio
import json
import re
import select
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.processes import Failed

OPEN_SECONDS: Final = 120.0
AT_ONCE: Final = 50
"""Streams that are being opened at the same time."""
LINE_MAX: Final = 64 << 20

_event = re.compile(rb'"type":"SESSION_CHANGED"[^\n]{0,200}?"seq":(\d+)')

Times = dict[tuple[str, int], list[float]]


class Readers:
    """Opens streams and reads them.

    Attributes:
        times: when each stream read an event, by session and number of the event; monotonic seconds.
    """

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._token = token
        self._poll = select.epoll()
        self._streams: dict[int, tuple[socket.socket, str]] = {}
        self._tails: dict[int, bytes] = {}
        self.times: Times = {}

    def open(self, sessions: Sequence[str]) -> None:
        """Open a stream of each, and return when all have begun.

        Raises:
            Failed: one is refused, or it takes too long.
        """
        deadline = time.monotonic() + OPEN_SECONDS
        for begin in range(0, len(sessions), AT_ONCE):
            waiting = {self._begin(session) for session in sessions[begin : begin + AT_ONCE]}
            while waiting:
                for number, _ in self._poll.poll(1.0):
                    self._read(number)
                waiting = {number for number in waiting if b"SNAPSHOT" not in self._tails[number]}
                if time.monotonic() > deadline:
                    raise Failed(f"{len(waiting)} streams haven't begun after {OPEN_SECONDS:.0f} s")
        for number in self._tails:
            self._tails[number] = b""

    def _begin(self, session: str) -> int:
        stream = socket.create_connection(self._address)
        request = f"GET /my/sse/{session} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        stream.sendall(request.encode())
        stream.setblocking(False)
        number = stream.fileno()
        self._streams[number] = (stream, session)
        self._tails[number] = b""
        self._poll.register(number, select.EPOLLIN)
        return number

    def _read(self, number: int) -> None:
        stream, session = self._streams[number]
        data = stream.recv(1 << 16)
        now = time.monotonic()
        if not data:
            raise Failed(f"a stream has ended: {self._tails[number][:200]!r}")
        whole = self._tails[number] + data
        if whole.startswith(b"HTTP/1.1 ") and not whole.startswith(b"HTTP/1.1 200"):
            raise Failed(f"a stream is refused: {whole[:500]!r}")
        for found in _event.finditer(whole):
            self.times.setdefault((session, int(found[1])), []).append(now)
        self._tails[number] = whole if b"SNAPSHOT" in whole else whole[whole.rfind(b"\n") + 1 :]

    def read_until(self, file: int) -> None:
        """Read until there is something to read on a file."""
        self._poll.register(file, select.EPOLLIN | select.EPOLLHUP)
        while True:
            for number, _ in self._poll.poll():
                if number == file:
                    self._poll.unregister(file)
                    return
                self._read(number)

    def close(self) -> None:
        """Close them."""
        for stream, _ in self._streams.values():
            stream.close()
        self._poll.close()


class ReaderProcess:
    """The way to readers in another process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def open(cls, url: str, token: str, sessions: Sequence[str]) -> ReaderProcess:
        """Open a stream of each session; return when all have begun.

        Raises:
            Failed: the process says why on its standard error.
        """
        command = (sys.executable, "-m", "benchmarks.agents.readers")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=LINE_MAX)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"url": url, "token": token, "sessions": list(sessions)}).encode() + b"\n")
        await process.stdin.drain()
        if await process.stdout.readline() != b"ready\n":
            await process.wait()
            raise Failed("the streams can't be opened; why stands above")
        return cls(process)

    async def close(self) -> Times:
        """End them, and tell when each event was read."""
        out, _ = await self._process.communicate(b"end\n")
        return times_of(json.loads(out))


def told(times: Mapping[tuple[str, int], list[float]]) -> list[Any]:
    """Write times as JSON."""
    return [[session, seq, read] for (session, seq), read in times.items()]


def times_of(told: list[Any]) -> Times:
    """Read what `told` wrote."""
    return {(session, seq): read for session, seq, read in told}


def main() -> None:
    """Read as standard input says."""
    asked = json.loads(sys.stdin.buffer.readline())
    readers = Readers(asked["url"], asked["token"])
    readers.open(asked["sessions"])
    print("ready", flush=True)
    readers.read_until(sys.stdin.fileno())
    print(json.dumps(told(readers.times)))
    readers.close()


if __name__ == "__main__":
    main()
