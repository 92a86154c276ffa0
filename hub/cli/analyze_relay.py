"""What a local analysis says, passed on to a running hub: in order, in batches, and never in the way."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any, Final

import aiohttp

from channels.messages import Message
from hub.cli.endpoint import Endpoint, authorization
from hub.cli.exits import Failure
from hub.cli.refusal import refused_over_http

PATH: Final = "/api/publish/batch"
BATCH: Final = 50
"""Messages in one request; a hub takes 100 unless `limits.batch` says otherwise."""
WAITING_MAX: Final = 10_000
"""Messages that wait for the hub; further ones are dropped and counted."""
TIMEOUT: Final = 10.0
"""Seconds for one request; and for what waits at the end."""


class Relay:
    """Sends messages in a task of its own. What it can't send is counted, and the first reason kept.

    Attributes:
        sent, dropped: messages.
        complaint: why messages were dropped.
    """

    def __init__(self, endpoint: Endpoint, token: str | None) -> None:
        self._endpoint = endpoint
        self._token = token
        self._waiting: deque[dict[str, Any]] = deque()
        self._more = asyncio.Event()
        self._closing = False
        self.sent = 0
        self.dropped = 0
        self.complaint: str | None = None

    def put(self, channel: str, type: str, message: Message) -> bool:
        """Take a message; never waits."""
        if len(self._waiting) >= WAITING_MAX:
            self._drop(1, "the hub is too slow")
            return False
        self._waiting.append({"channel": channel, "type": type, "data": message.model_dump(mode="json")})
        self._more.set()
        return True

    async def run(self) -> None:
        """Send until `close`, and then what still waits."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout, headers=authorization(self._token)) as session:
            while self._waiting or not self._closing:
                if not self._waiting:
                    self._more.clear()
                    await self._more.wait()
                    continue
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                await self._post(session, batch)

    def close(self) -> None:
        """Let `run` end once nothing waits."""
        self._closing = True
        self._more.set()

    async def _post(self, session: aiohttp.ClientSession, batch: list[dict[str, Any]]) -> None:
        try:
            url = self._endpoint.http(PATH)
            async with session.post(url, json={"publications": batch}, allow_redirects=False) as response:
                status, body = response.status, await response.read()
            if status != 200:
                raise refused_over_http(status, body, self._endpoint.url)
            refused = [row["error"]["message"] for row in json.loads(body)["results"] if "error" in row]
        except Failure as failure:
            self._drop(len(batch), failure.lines[0])
        except TimeoutError:
            self._drop(len(batch), f"no answer within {TIMEOUT:.0f} s")
        except (aiohttp.ClientError, ValueError, KeyError, TypeError) as error:
            self._drop(len(batch), f"{self._endpoint.url}: {error}")
        else:
            self.sent += len(batch) - len(refused)
            if refused:
                self._drop(len(refused), str(refused[0]))

    def _drop(self, number: int, why: str) -> None:
        self.dropped += number
        self.complaint = self.complaint or why
