"""Publishing that waits for the position, and raises."""

from __future__ import annotations

import atexit
import json
import random
import threading
import time
import uuid
from typing import Any, Final, Self

from tocsin_client.address import Address
from tocsin_client.backoff import Backoff
from tocsin_client.encoding import encode
from tocsin_client.errors import HubError, RequestTimeout
from tocsin_client.forks import survive
from tocsin_client.http import HttpConnection
from tocsin_client.model import Published
from tocsin_client.notify import target
from tocsin_client.settings import Target
from tocsin_client.tokens import Token, authorization, current
from tocsin_client.wire import published_of

PATH: Final = "/api/publish"
TIMEOUT: Final = 10.0
"""Seconds for one publication, all attempts together."""
IDLE: Final = 8
"""Connections that are kept open while nothing is published."""


class Publisher:
    """Publishes over HTTP, from any number of threads.

    Args:
        token: a JWT, or a function that gives one; it is asked before each attempt.
    """

    def __init__(self, url: str, *, token: Token = None) -> None:
        self._target = Target(Address.parse(url), token)
        self.forget_parent()
        survive(self)

    def forget_parent(self) -> None:
        """Begin without connections: those that there are belong to the process that was forked."""
        self._idle: list[HttpConnection] = []
        self._lock = threading.Lock()

    def publish(
        self,
        channel: str,
        type: str,
        data: Any,
        *,
        key: str | None = None,
        idempotency_key: str | None = None,
        version: int | None = None,
        exclude: str | None = None,
        timeout: float = TIMEOUT,
    ) -> Published:
        """Publish once, however many attempts it takes, and return where it went.

        Args:
            key: on a conflated channel, which earlier publication this one replaces.
            idempotency_key: otherwise one is made up.
            version: publish only if it is newer than the channel's.
            exclude: the client with this id doesn't get it.
            timeout: seconds for all attempts together.

        Raises:
            HubError: refused for good. `Unreachable`, `RequestTimeout` or a temporary error: time was up.
            TypeError, ValueError: `data` is not JSON.
        """
        fields: dict[str, Any] = {
            "channel": channel,
            "type": type,
            "idempotency_key": idempotency_key or uuid.uuid4().hex,
            "key": key,
            "version": version,
            "except": exclude,
        }
        head = json.dumps({name: value for name, value in fields.items() if value is not None})
        body = b'%b,"data":%b}' % (head[:-1].encode(), encode(data))
        return self._until(body, time.monotonic() + timeout)

    def _until(self, body: bytes, deadline: float) -> Published:
        backoff = Backoff(0.25, 5.0, random.random)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise RequestTimeout(f"{self._target.address.url}: no answer in time")
            try:
                return self._post(body, left)
            except HubError as error:
                pause = backoff.next(error.retry_after or 0.0)
                if not error.temporary or time.monotonic() + pause >= deadline:
                    raise
                time.sleep(pause)

    def _post(self, body: bytes, timeout: float) -> Published:
        headers = authorization(current(self._target.token))
        with self._lock:
            connection = self._idle.pop() if self._idle else HttpConnection(self._target.address)
        answer = connection.post(PATH, body, headers, timeout)
        with self._lock:
            keep = len(self._idle) < IDLE
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()
        if not 200 <= answer.status < 300:
            raise answer.error()
        return published_of(answer.fields)

    def close(self) -> None:
        """Close the connections that are open; publishing again opens another one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Configured:
    """The publisher for the hub that `configure` or the environment names."""

    def __init__(self) -> None:
        self._target: Target | None = None
        self._publisher: Publisher | None = None

    def get(self) -> Publisher:
        """Return it.

        Raises:
            HubError: no hub is configured.
        """
        wanted = target()
        if self._target is not wanted:
            self.close()
        if wanted is None:
            raise HubError("unconfigured", "expected a hub: set TOCSIN_URL, or call tocsin_client.configure")
        if self._publisher is None:
            self._publisher = Publisher(wanted.address.url, token=wanted.token)
            self._target = wanted
        return self._publisher

    def close(self) -> None:
        """Close its connections, and forget it."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            publisher.close()


_configured: Final = _Configured()
atexit.register(_configured.close)


def publish(
    channel: str,
    type: str,
    data: Any,
    *,
    key: str | None = None,
    idempotency_key: str | None = None,
    version: int | None = None,
    timeout: float = TIMEOUT,
) -> Published:
    """Publish to the configured hub, and wait for the position. See `Publisher.publish`.

    Raises:
        HubError: as there, and `unconfigured`.
    """
    return _configured.get().publish(
        channel, type, data, key=key, idempotency_key=idempotency_key, version=version, timeout=timeout
    )
