"""Requests that reached the wrong process: the kernel gives each connection of a polling client to any worker, and one
of them has its session.

The id of a session names its process. Another one that is asked for it gives that process the *socket*, over a Unix
socket, with the bytes that it has read: who polls is then answered by its own process directly, and a connection that
is kept alive stays where it belongs. A WebSocket moves in the same way, and costs nothing more from then on. TLS can't
be moved, since its state is in the process: there a request and its answer are passed on.

The Unix socket has an abstract name (Linux): no file, nothing to clean up, and both ends ask the kernel for the other's
user. It exists from the first session by polls on.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import socket
import struct
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog
from aiohttp import web

from hub.socketio.payload import NOOP
from hub.socketio.relay import Gone, answered, behind, piped, written
from hub.transports.handover import HandedOver, take_over

log = structlog.get_logger(__name__)

POSSIBLE: Final = sys.platform == "linux"
"""Whether processes can give each other sockets here. On macOS too, but its Unix sockets have no abstract names."""

PATIENCE: Final = 5.0
"""Seconds for a neighbour to take a socket, and for one of ours to say all of its request."""

PAUSE: Final = 1.0
"""Seconds until sockets are taken again when the process can have no more of them."""

WAITING_MAX: Final = 1024
"""Sockets that may be on their way to us at once; the kernel lets further ones wait for their turn."""

SILENCE: Final = 60.0
"""Seconds between two warnings of one that gave none."""

TURN: Final = 5.0
"""Seconds after which a poll that was passed on is answered with nothing: who passed it on may want to end."""

_PLAIN, _RELAYED = b"p", b"r"
_SID: Final = re.compile(r"([0-9a-f]{16})\.[\w-]{20}", re.ASCII)
_PREFIX: Final = "\0tocsin-socketio-"
_HEAD: Final = struct.Struct("!cI")
_CREDENTIALS: Final = struct.Struct("3i")
_CHUNK: Final = 64 * 1024

Serve = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Unreachable(Exception):
    """There is no such process, or it takes nothing."""


class Neighbours:
    """One process's door to the others.

    Args:
        serve: answers one request of a session that is here; what it raises is a fault.
        spawn: runs the door as long as the hub.
        alone: there are no others: nothing is opened, and nobody is asked.
        limit: longest request body in bytes.

    Attributes:
        name: of this process, as in the ids of its sessions.
        taken: sockets that came from others.
        given: sockets that went to others.
    """

    def __init__(
        self, serve: Serve, spawn: Callable[[Coroutine[Any, Any, None], str], None], *, alone: bool, limit: int
    ) -> None:
        self.name = secrets.token_hex(8)
        self.taken = self.given = 0
        self._serve = serve
        self._spawn = spawn
        self._alone = alone or not POSSIBLE
        self._limit = limit
        self._own: web.Server | None = None
        self._silent_until = 0.0

    def sid(self) -> str:
        """Return a new id; nobody can guess it (120 bits)."""
        return f"{self.name}.{secrets.token_urlsafe(15)}"

    def has(self, sid: str) -> bool:
        """Tell whether a session that isn't here may be at a neighbour."""
        match = _SID.fullmatch(sid)
        return match is not None and match[1] != self.name and not self._alone

    # Taking.

    def open(self, request: web.BaseRequest) -> None:
        """Take sockets from now on. Twice is once.

        Args:
            request: any that the hub's server has taken: sockets of others are served by the same one.
        """
        if self._alone or self._own is not None:
            return
        server = request.protocol._manager
        if server is None:  # the client is gone already
            return
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        door.setblocking(False)
        try:
            door.bind(_PREFIX + self.name)
            door.listen(WAITING_MAX)
        except OSError as error:  # a sandbox may forbid it
            door.close()
            log.warning("clients that poll need one worker, or a proxy that keeps them with one", error=str(error))
            self._alone = True
            return
        self._own = server
        self._spawn(self._keep(door), "sockets of neighbours")

    async def _keep(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()

        def request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
            return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=self._limit)

        relayed = web.Server(self._answer, request_factory=request, access_log=None)
        try:
            while True:
                try:
                    link, _ = await loop.sock_accept(door)
                except OSError as error:  # out of descriptors: who waits, waits
                    log.warning("can't take sockets of neighbours", error=str(error))
                    await asyncio.sleep(PAUSE)
                else:
                    self._spawn(self._take(link, relayed), "a socket of a neighbour")
        finally:
            door.close()
            await relayed.shutdown(0.0)

    async def _take(self, link: socket.socket, relayed: web.Server) -> None:
        with link:
            try:
                async with asyncio.timeout(PATIENCE):
                    kind, client, said = await self._hear(link)
            except (OSError, TimeoutError) as error:
                self._tell(error)
                return
        factory: Any = self._own if kind == _PLAIN else relayed
        try:
            _, protocol = await asyncio.get_running_loop().connect_accepted_socket(factory, client)
        except (OSError, ValueError):  # gone meanwhile, or no socket of a client
            client.close()
            return
        self.taken += 1
        protocol.data_received(said)

    def _tell(self, error: Exception) -> None:
        """Warn now and then only: other users of the machine may knock, however often they like."""
        now = time.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + SILENCE
            log.warning("a neighbour gave no socket", error=repr(error))

    async def _hear(self, link: socket.socket) -> tuple[bytes, socket.socket, bytes]:
        _check(link)
        await _readable(link)
        head, descriptors, _, _ = socket.recv_fds(link, _HEAD.size, 1)
        if not descriptors:
            raise OSError("expected a socket")
        try:
            client = socket.socket(fileno=descriptors[0])
        except OSError:  # a descriptor of something else
            os.close(descriptors[0])
            raise
        try:
            client.setblocking(False)
            if len(head) != _HEAD.size:
                raise OSError("expected a head")
            kind, size = _HEAD.unpack(head)
            return kind, client, await self._request(link, size)
        except BaseException:
            client.close()
            raise

    async def _request(self, link: socket.socket, size: int) -> bytes:
        if size > self._limit + _CHUNK:
            raise OSError("expected a shorter request")
        said = bytearray()
        while data := await asyncio.get_running_loop().sock_recv(link, _CHUNK):
            said += data
            if len(said) > size:
                break
        if len(said) != size:
            raise OSError(f"expected {size} bytes of a request, got {len(said)}")
        return bytes(said)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            async with asyncio.timeout(TURN):
                response = await self._serve(request)
        except TimeoutError:
            response = web.Response(body=NOOP)
        if not isinstance(response, HandedOver):
            response.force_close()
        return response

    # Giving.

    async def give(self, request: web.Request, sid: str) -> web.StreamResponse:
        """Give a request's socket to the process that has the session; the handler then returns what this returns.

        Raises:
            Unreachable: it can't be had; the request is as it was.
        """
        body = await request.read()
        transport = request.transport
        if transport is None or transport.is_closing() or transport.get_write_buffer_size():
            raise Unreachable
        said = written(request, body)
        transport.pause_reading()  # what comes from now on may be for the other process
        try:
            if transport.get_extra_info("sslcontext") is None:
                await self._send(sid, _PLAIN, transport.get_extra_info("socket").fileno(), said + behind(request))
                return take_over(request, b"", Gone())
            near = await self._lend(sid, said)
            if "Upgrade" in request.headers:
                return await piped(request, near)
            return await answered(near, TURN + PATIENCE)
        except (OSError, TimeoutError, ValueError):
            raise Unreachable from None
        finally:
            transport.resume_reading()

    async def _lend(self, sid: str, said: bytes) -> socket.socket:
        """Give a process one end of a pair in place of the client's socket; return the other end."""
        near, far = socket.socketpair()
        near.setblocking(False)
        try:
            with far:
                await self._send(sid, _RELAYED, far.fileno(), said)
        except BaseException:
            near.close()
            raise
        return near

    async def _send(self, sid: str, kind: bytes, descriptor: int, said: bytes) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
                link.setblocking(False)
                await loop.sock_connect(link, _PREFIX + sid.partition(".")[0])
                _check(link)
                socket.send_fds(link, [_HEAD.pack(kind, len(said))], [descriptor])
                await loop.sock_sendall(link, said)
        self.given += 1


async def _readable(link: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(link, ready.set_result, None)
    try:
        await ready
    finally:
        loop.remove_reader(link)


def _check(link: socket.socket) -> None:
    """Refuse other users: an abstract name has no permissions."""
    _, user, _ = _CREDENTIALS.unpack(link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    if user != os.geteuid():
        raise PermissionError(f"expected a process of user {os.geteuid()}, got one of {user}")
