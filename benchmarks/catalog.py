"""Every peer: how it is started and how its clients speak. The servers themselves are in `peers/`, `node/` and `c/`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.load import Client
from benchmarks.processes import Command
from benchmarks.workshop import HERE, ROOT, Absent, Workshop

TOCSIN = "tocsin"
C_LOOP = "c-loop"
NAIVE = "naive"
NCHAN_MODULES = (Path("/usr/lib/nginx/modules"), Path("/usr/share/nginx/modules"), Path("/etc/nginx/modules"))

# Raised so that one address may hold every connection; everything else is Tocsin's default.
TOCSIN_ENVIRONMENT = {
    "TOCSIN_LIMITS__CONNECTIONS": "0",
    "TOCSIN_LIMITS__CONNECTIONS_PER_IP": "0",
    "TOCSIN_LIMITS__HTTP_REQUESTS_PER_SECOND": "0",
    "TOCSIN_SERVER__BACKLOG": "4096",
    "TOCSIN_LOG__LEVEL": "warning",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server may listen and put files. `publish_port` is for those that need a port of its own for POST."""

    port: int
    publish_port: int
    directory: Path


@dataclass(frozen=True, slots=True)
class Peer:
    """A server to measure. `command` and `version` raise Absent when it isn't here."""

    name: str
    title: str
    command: Callable[[Workshop, Place], Command]
    version: Callable[[Workshop], str]
    client: Client = field(default_factory=Client)
    two_ports: bool = False
    remark: str = ""


def _tocsin_executable() -> Path:
    """The `tocsin` of the environment that runs this suite, or else the repository's."""
    for directory in (Path(sys.executable).parent, ROOT / ".venv" / "bin"):
        if (directory / "tocsin").exists():
            return directory / "tocsin"
    raise Absent("no tocsin beside this Python and none in .venv/bin; `make install` puts it there")


def _tocsin(workshop: Workshop, place: Place) -> Command:
    return Command([str(_tocsin_executable()), "serve", "--port", str(place.port)], TOCSIN_ENVIRONMENT)


def _tocsin_version(workshop: Workshop) -> str:
    _tocsin_executable()
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return ""


def _c_loop(workshop: Workshop, place: Place) -> Command:
    return Command([str(workshop.program("send_loop")), str(place.port)])


def _c_version(workshop: Workshop) -> str:
    workshop.program("send_loop")
    return ""


def _script(name: str) -> Callable[[Workshop, Place], Command]:
    def command(workshop: Workshop, place: Place) -> Command:
        script = HERE / "peers" / f"{name}.py"
        return Command([str(workshop.python()), "-P", str(script), str(place.port), str(place.publish_port)])

    return command


def _package(name: str) -> Callable[[Workshop], str]:
    return lambda workshop: workshop.python_version(name)


def _module(name: str) -> Callable[[Workshop, Place], Command]:
    def command(workshop: Workshop, place: Place) -> Command:
        return Command([str(workshop.tool("node")), str(workshop.node() / f"{name}.js"), str(place.port)])

    return command


def _module_version(name: str) -> Callable[[Workshop], str]:
    return lambda workshop: workshop.node_version(name)


def _nchan_module() -> Path:
    for directory in NCHAN_MODULES:
        if (directory / "ngx_nchan_module.so").exists():
            return directory / "ngx_nchan_module.so"
    raise Absent("nginx is here, but ngx_nchan_module.so isn't in " + " or ".join(map(str, NCHAN_MODULES)))


def _fill(template: str, place: Place, **values: str) -> Path:
    text = (HERE / "peers" / template).read_text()
    for name, value in {"port": str(place.port), "dir": str(place.directory), **values}.items():
        text = text.replace(f"@{name}@", value)
    target = place.directory / template
    target.write_text(text)
    return target


def _nchan(workshop: Workshop, place: Place) -> Command:
    # Started by root, the worker would otherwise become a user that can't write to the temporary directory.
    user = "user root;" if os.geteuid() == 0 else ""
    config = _fill("nchan.conf", place, module=str(_nchan_module()), user=user)
    return Command(
        [
            str(workshop.tool("nginx")),
            "-p",
            str(place.directory),
            "-c",
            str(config),
            "-e",
            str(place.directory / "error.log"),
        ]
    )


def _nchan_version(workshop: Workshop) -> str:
    nginx = workshop.tool("nginx")
    _nchan_module()
    return workshop.program_version(str(nginx), "-v")


def _centrifugo(workshop: Workshop, place: Place) -> Command:
    return Command([str(workshop.tool("centrifugo")), "--config", str(_fill("centrifugo.json", place))])


def _centrifugo_version(workshop: Workshop) -> str:
    return workshop.program_version(str(workshop.tool("centrifugo")), "version")


_TOCSIN_CLIENT = Client(
    path="/ws?client_id=b%d",
    hellos=('{"action":"subscribe","channel":"ai_analysis"}',),
    skip=2,
    publish_path="/api/publish",
    prefix='{"channel":"ai_analysis","type":"bench","data":',
    suffix="}",
)
_SOCKETIO_CLIENT = Client(path="/socket.io/?EIO=4&transport=websocket", hellos=("40",), skip=2)
_TOCSIN_SOCKETIO_CLIENT = Client(
    path="/socket.io/?EIO=4&transport=websocket",
    # A publication of the type "message" is one event, as with the others; any other type is two.
    hellos=("40", '42["subscribe","ai_analysis"]'),
    skip=4,
    publish_path="/api/publish",
    prefix='{"channel":"ai_analysis","type":"message","data":',
    suffix="}",
    min_frame=8,
)
_CENTRIFUGO_CLIENT = Client(
    path="/connection/websocket",
    hellos=('{"id":1,"connect":{}}', '{"id":2,"subscribe":{"channel":"bench"}}'),
    skip=2,
    publish_path="/api/publish",
    prefix='{"channel":"bench","data":',
    suffix="}",
    lines=True,
    min_frame=8,
)

PEERS: tuple[Peer, ...] = (
    Peer(TOCSIN, "Tocsin {version}", _tocsin, _tocsin_version, _TOCSIN_CLIENT),
    Peer("tocsin-socketio", "Tocsin {version}, Socket.IO clients", _tocsin, _tocsin_version, _TOCSIN_SOCKETIO_CLIENT),
    Peer(C_LOOP, "C loop, one send() each", _c_loop, _c_version),
    Peer(NAIVE, "naive loop on aiohttp {version}", _script("aiohttp_naive"), _package("aiohttp")),
    Peer(
        "websockets",
        "websockets {version} broadcast()",
        _script("websockets_broadcast"),
        _package("websockets"),
        two_ports=True,
    ),
    Peer("starlette", "Starlette {version} on uvicorn", _script("starlette_uvicorn"), _package("starlette")),
    Peer(
        "python-socketio",
        "python-socketio {version}",
        _script("python_socketio"),
        _package("python-socketio"),
        _SOCKETIO_CLIENT,
    ),
    Peer(
        "uwebsockets",
        "uWebSockets in socketify {version}",
        _script("socketify_publish"),
        _package("socketify"),
        remark="socketify's Python loop polls for a while after each event, and most of its paced CPU goes into that",
    ),
    Peer("ws", "ws {version} on Node", _module("ws"), _module_version("ws")),
    Peer(
        "socket.io", "Socket.IO {version} on Node", _module("socketio"), _module_version("socket.io"), _SOCKETIO_CLIENT
    ),
    Peer(
        "nchan",
        "Nchan in nginx {version}",
        _nchan,
        _nchan_version,
        remark="it leaves Nagle's algorithm on, so the kernel joins its small writes while it is saturated",
    ),
    Peer("centrifugo", "Centrifugo {version}", _centrifugo, _centrifugo_version, _CENTRIFUGO_CLIENT),
)
